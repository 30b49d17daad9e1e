// signal(7): every signal but SIGKILL and SIGSTOP can be handled.
#include "program.h"

static volatile sig_atomic_t seen;

static void on_signal(int number) { seen = number; }

int main(void) {
  int handled = 0;
  for (int number = 1; number <= SIGRTMAX; number++) {
    if (number == SIGKILL || number == SIGSTOP || (number > 31 && number < SIGRTMIN)) continue;
    handle(number, on_signal, 0);
    seen = 0;
    raise(number);
    if (seen == number) handled++;
    else say("signal %d was not handled", number);
  }
  say("%d handled", handled);
  return 0;
}
