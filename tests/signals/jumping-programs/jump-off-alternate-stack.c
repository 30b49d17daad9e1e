// siglongjmp(3), sigaltstack(2): a jump off the alternate stack leaves it free for the next signal.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;
static char stack[65536];
static volatile uintptr_t places[3];
static volatile sig_atomic_t count;

static void on_signal(int number) {
  volatile char here = (char)number;
  places[count++] = (uintptr_t)&here;
  siglongjmp(place, 1);
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack}, now;
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_signal, SA_ONSTACK);
  sigsetjmp(place, 1);
  if (count < 3) raise(SIGUSR1);
  sigaltstack(NULL, &now);
  say("on it: %d, the same place each time: %d", now.ss_flags == SS_ONSTACK,
      places[0] == places[1] && places[1] == places[2]);
  say_result("change it", sigaltstack(&alternate, NULL));
  return 0;
}
