// signal(7): copying memory is not torn by handlers.
#include "program.h"

static volatile sig_atomic_t ticks;
static char from[20000], to[20000];

static void on_signal(int number) { (void)number, ticks++; }

int main(void) {
  int wrong = 0;
  for (unsigned i = 0; i < sizeof from; i++) from[i] = (char)(i * 31);
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 15) {
    memset(to, 0, sizeof to);
    memcpy(to, from, sizeof to);
    wrong += memcmp(to, from, sizeof to) != 0;
  }
  say("wrong %d times", wrong);
  return 0;
}
