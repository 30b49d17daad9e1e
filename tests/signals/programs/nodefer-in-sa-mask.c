// sigaction(2): sa_mask counts even under SA_NODEFER: a signal listed in its own sa_mask is blocked in its handler.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) {
  int mine = ++count;
  if (mine == 1) raise(number);
  say("handler %d ends, %d so far", mine, (int)count);
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_NODEFER;
  action.sa_mask = set_of(SIGUSR1, 0, 0);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  return 0;
}
