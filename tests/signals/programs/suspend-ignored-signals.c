// sigsuspend(2): signals that are ignored do not end the wait.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t none;
  sigemptyset(&none);
  handle(SIGUSR1, SIG_IGN, 0);
  handle(SIGUSR2, on_signal, 0);
  block(SIGUSR2);
  start_timer(new_timer(SIGUSR1, 0), 5, 5);
  start_timer(new_timer(SIGWINCH, 0), 5, 5);
  start_timer(new_timer(SIGUSR2, 0), 40, 0);
  say_result("sigsuspend", sigsuspend(&none));
  say("handled %d", (int)count);
  return 0;
}
