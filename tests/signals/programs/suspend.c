// sigsuspend(2): waits with another mask until a handler has run, returns -1 with EINTR, and the former mask is back.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t none;
  sigemptyset(&none);
  handle(SIGALRM, on_signal, 0);
  block(SIGALRM);
  start_itimer(ITIMER_REAL, 10, 0);
  say_result("sigsuspend", sigsuspend(&none));
  say("handled %d, blocked %d", (int)count, is_blocked(SIGALRM));
  return 0;
}
