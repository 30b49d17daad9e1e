// sigaltstack(2): ss_flags is SS_DISABLE when there is none, SS_ONSTACK while a handler runs on it, else 0.
#include "program.h"

static char stack[65536];

static void show(const char *where) {
  stack_t now;
  sigaltstack(NULL, &now);
  say("%s: SS_DISABLE %d, SS_ONSTACK %d", where, now.ss_flags == SS_DISABLE, now.ss_flags == SS_ONSTACK);
}

static void on_signal(int number) {
  (void)number;
  show("handler");
}

int main(void) {
  show("at first");
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  show("installed");
  handle(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  show("afterwards");
  return 0;
}
