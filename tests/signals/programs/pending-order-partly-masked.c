// Linux: a handler whose sa_mask holds only some of the pending signals is interrupted at once by the others.
#include "program.h"

static void on_signal(int number) {
  const char *name = number == SIGHUP ? "HUP" : number == SIGINT ? "INT" : "TERM";
  say("%s begins: HUP %d, INT %d, TERM %d blocked", name, is_blocked(SIGHUP), is_blocked(SIGINT), is_blocked(SIGTERM));
}

int main(void) {
  sigset_t set = set_of(SIGHUP, SIGINT, SIGTERM);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_mask = set_of(SIGINT, 0, 0);
  sigaction(SIGHUP, &action, NULL);
  action.sa_mask = set_of(0, 0, 0);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGHUP);
  raise(SIGINT);
  raise(SIGTERM);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
