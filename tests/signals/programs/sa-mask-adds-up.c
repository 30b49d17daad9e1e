// POSIX sigaction(): the mask in a handler is the union of the current mask, sa_mask and the signal itself.
#include "program.h"

static void show(const char *where) {
  say("%s: HUP %d INT %d USR1 %d USR2 %d TERM %d", where, is_blocked(SIGHUP), is_blocked(SIGINT), is_blocked(SIGUSR1),
      is_blocked(SIGUSR2), is_blocked(SIGTERM));
}

static void on_inner(int number) {
  (void)number;
  show("inner");
}

static void on_outer(int number) {
  (void)number;
  show("outer");
  raise(SIGUSR2);
  show("outer again");
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_outer;
  action.sa_mask = set_of(SIGINT, 0, 0);
  sigaction(SIGUSR1, &action, NULL);
  action.sa_handler = on_inner;
  action.sa_mask = set_of(SIGTERM, 0, 0);
  sigaction(SIGUSR2, &action, NULL);
  block(SIGHUP);
  raise(SIGUSR1);
  show("main");
  return 0;
}
