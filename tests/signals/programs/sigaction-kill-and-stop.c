// sigaction(2): EINVAL for an attempt to change the action of SIGKILL or SIGSTOP; asking for it is allowed.
#include "program.h"

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_IGN;
  say_result("SIGKILL ignored", sigaction(SIGKILL, &action, NULL));
  say_result("SIGSTOP ignored", sigaction(SIGSTOP, &action, NULL));
  action.sa_handler = SIG_DFL;
  say_result("SIGKILL default", sigaction(SIGKILL, &action, NULL));
  say_result("SIGKILL asked", sigaction(SIGKILL, NULL, &action));
  say("default: %d", action.sa_handler == SIG_DFL);
  return 0;
}
