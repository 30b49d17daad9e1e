// strsignal(3): a text for each signal.
#include "program.h"

int main(void) {
  for (int number = 1; number <= 31; number++) say("%s", strsignal(number));
  say("%s", strsignal(SIGRTMIN));
  say("%s", strsignal(SIGRTMIN + 12));
  return 0;
}
