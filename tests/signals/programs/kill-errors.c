// kill(2), sigqueue(3), raise(3): EINVAL for a signal that does not exist, ESRCH for a process that does not.
#include "program.h"

int main(void) {
  say_result("kill 65", kill(getpid(), 65));
  say_result("kill -1", kill(getpid(), -1));
  say_result("sigqueue 65", sigqueue(getpid(), 65, (union sigval){.sival_int = 1}));
  say_result("raise 65", raise(65));
  say_result("nobody", kill(99999999, SIGTERM));
  say_result("nobody, signal 0", kill(99999999, 0));
  say_result("nobody, queued", sigqueue(99999999, SIGTERM, (union sigval){.sival_int = 1}));
  return 0;
}
