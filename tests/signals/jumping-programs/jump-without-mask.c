// siglongjmp(3): without savemask the mask stays as it is in the handler.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;

static void on_signal(int number) {
  (void)number;
  siglongjmp(place, 1);
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  if (sigsetjmp(place, 0) == 0) raise(SIGUSR1);
  say("still blocked: %d", is_blocked(SIGUSR1));
  raise(SIGUSR1);
  say("pending: %d", is_pending(SIGUSR1));
  return 0;
}
