// signal(7): a real-time signal that its own handler sends waits for the handler's end; each is handled.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  int left = info->si_value.sival_int;
  if (left > 0) {
    sigqueue(getpid(), number, (union sigval){.sival_int = left - 1});
    sigqueue(getpid(), number, (union sigval){.sival_int = left - 1});
  }
  count++;
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 4});
  say("handled %d", (int)count);
  return 0;
}
