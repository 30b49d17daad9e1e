// signal(7): reading there does as well.
#include "program.h"

static void on_signal(int number) { _exit(number == SIGSEGV ? 4 : 5); }

int main(void) {
  handle(SIGSEGV, on_signal, 0);
  const volatile int *nowhere = (const volatile int *)(uintptr_t)0xffffff00u;
  say("%d", *nowhere);
  return 0;
}
