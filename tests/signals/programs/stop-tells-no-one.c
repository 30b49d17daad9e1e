// POSIX 2.4.3: SIGCHLD is for the parent: a program that stops and goes on does not get it itself.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGCHLD, on_signal, 0);
  start_timer(new_timer(SIGCONT, 0), 20, 0);
  raise(SIGSTOP);
  say("SIGCHLD %d times", (int)count);
  return 0;
}
