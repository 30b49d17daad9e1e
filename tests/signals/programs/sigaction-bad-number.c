// sigaction(2): EINVAL for a signal that does not exist.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  static const int numbers[] = {0, -1, 65, 1000};
  for (int i = 0; i < 4; i++) {
    say("signal %d", numbers[i]);
    say_result("sigaction", sigaction(numbers[i], &action, NULL));
    say_result("query", sigaction(numbers[i], NULL, &action));
  }
  say_result("the last real-time signal", sigaction(SIGRTMAX, &action, NULL));
  return 0;
}
