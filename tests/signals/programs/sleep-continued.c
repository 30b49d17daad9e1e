// nanosleep(2): sleeping on with what was left takes the whole time in the end.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  struct timespec rest = milliseconds(300);
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 15, 15);
  long long before = now_ms();
  int rounds = 0;
  while (nanosleep(&rest, &rest) == -1 && errno == EINTR) rounds++;
  say("interrupted: %d, handled as often: %d", rounds >= 1, count >= rounds);
  say("300 ms: %d", now_ms() - before >= 299);
  return 0;
}
