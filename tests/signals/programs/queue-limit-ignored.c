// POSIX 2.4.3: SIG_IGN empties a full queue, which makes room again.
#include "program.h"

int main(void) {
  block(SIGRTMIN);
  int sent = 0;
  while (sent < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}) == 0) sent++;
  handle(SIGRTMIN, SIG_IGN, 0);
  handle(SIGRTMIN, SIG_DFL, 0);
  int again = 0;
  while (again < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = again}) == 0) again++;
  say("as much room as before: %d", sent == again && sent > 30);
  return 0;
}
