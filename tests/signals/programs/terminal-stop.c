// signal(7): SIGTSTP stops the program by default.
#include "program.h"

int main(void) {
  long long before = now_ms();
  start_timer(new_timer(SIGCONT, 0), 30, 0);
  raise(SIGTSTP);
  say("continued after 30 ms: %d", now_ms() - before >= 29);
  return 0;
}
