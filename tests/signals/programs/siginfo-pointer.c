// sigqueue(3): the value may be a pointer.
#include "program.h"

static int answer = 42;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("the pointer arrived: %d", info->si_value.sival_ptr == &answer);
  *(int *)info->si_value.sival_ptr = 43;
}

int main(void) {
  handle_info(SIGRTMIN + 1, on_signal, 0);
  sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_ptr = &answer});
  say("%d", answer);
  return 0;
}
