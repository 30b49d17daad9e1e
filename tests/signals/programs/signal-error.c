// signal(2): SIG_ERR and EINVAL for what cannot be.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  static const int numbers[] = {SIGKILL, SIGSTOP, 0, -3, 65};
  for (int i = 0; i < 5; i++) {
    errno = 0;
    handler_t former = signal(numbers[i], on_signal);
    say("SIG_ERR: %d, %s", former == SIG_ERR, name_of(errno));
  }
  return 0;
}
