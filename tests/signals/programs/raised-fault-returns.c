// signal(7): a fault's signal that was sent by raise() is as any other: the handler returns and the program goes on.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  count += info->si_code == SI_TKILL;
}

int main(void) {
  static const int numbers[] = {SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP};
  for (int i = 0; i < 5; i++) {
    handle_info(numbers[i], on_signal, 0);
    raise(numbers[i]);
  }
  say("handled %d", (int)count);
  return 0;
}
