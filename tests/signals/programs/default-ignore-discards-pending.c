// POSIX 2.4.3: so does setting SIG_DFL where the default is to ignore.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("not reached");
}

int main(void) {
  static const int numbers[] = {SIGCHLD, SIGURG, SIGWINCH};
  for (int i = 0; i < 3; i++) {
    handle(numbers[i], on_signal, 0);
    block(numbers[i]);
    raise(numbers[i]);
    int before = is_pending(numbers[i]);
    handle(numbers[i], SIG_DFL, 0);
    say("pending %d, then %d", before, is_pending(numbers[i]));
    handle(numbers[i], on_signal, 0);
    unblock(numbers[i]);
  }
  return 0;
}
