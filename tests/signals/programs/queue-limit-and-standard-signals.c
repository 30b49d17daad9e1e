// sigqueue(3), Linux: standard signals, and those of kill(), get through when the queue is full.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  block(SIGRTMIN);
  int sent = 0;
  while (sent < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}) == 0) sent++;
  say_result("raise", raise(SIGUSR1));
  say_result("kill", kill(getpid(), SIGUSR2));
  say_result("sigqueue of a standard signal", sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1}));
  say("handled %d", (int)count);
  return 0;
}
