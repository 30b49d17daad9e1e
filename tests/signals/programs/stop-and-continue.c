// signal(7): SIGSTOP stops the program until SIGCONT comes; it then goes on where it was.
#include "program.h"

int main(void) {
  long long before = now_ms();
  start_timer(new_timer(SIGCONT, 0), 30, 0);
  say_result("raise", raise(SIGSTOP));
  say("continued after 30 ms: %d", now_ms() - before >= 29);
  return 0;
}
