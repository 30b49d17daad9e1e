// POSIX sigaction(): once installed, an action remains until it is changed, without SA_RESETHAND.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGTERM, on_signal, 0);
  for (int i = 0; i < 5; i++) raise(SIGTERM);
  say("handled %d times", (int)count);
  return 0;
}
