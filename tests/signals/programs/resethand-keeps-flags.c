// sigaction(2), Linux: SA_RESETHAND resets the handler alone; installing it again makes it one-shot again.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) {
  count++;
  if (count < 3) handle(number, on_signal, SA_RESETHAND);
}

int main(void) {
  handle(SIGWINCH, on_signal, SA_RESETHAND);
  for (int i = 0; i < 6; i++) raise(SIGWINCH);
  say("handled %d of 6", (int)count);
  return 0;
}
