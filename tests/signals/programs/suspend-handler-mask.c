// sigsuspend(2): its mask is in force while the handler runs.
#include "program.h"

static void show(const char *where) {
  say("%s: HUP %d, TERM %d, USR1 %d", where, is_blocked(SIGHUP), is_blocked(SIGTERM), is_blocked(SIGUSR1));
}

static void on_signal(int number) {
  (void)number;
  show("handler");
}

int main(void) {
  sigset_t set = set_of(SIGTERM, 0, 0), own = set_of(SIGHUP, SIGUSR1, 0);
  handle(SIGUSR1, on_signal, 0);
  sigprocmask(SIG_BLOCK, &own, NULL);
  raise(SIGUSR1);
  sigsuspend(&set);
  show("main");
  return 0;
}
