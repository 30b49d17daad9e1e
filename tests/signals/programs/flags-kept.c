// sigaction(2): every flag is kept as it was given, SA_NOCLDSTOP too.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; }

int main(void) {
  static const int flags[] = {SA_NOCLDSTOP, SA_SIGINFO, SA_ONSTACK, SA_RESTART, SA_NODEFER, (int)SA_RESETHAND};
  for (int i = 0; i < 6; i++) {
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = flags[i];
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGCHLD, NULL, &old);
    int others = 0;
    for (int k = 0; k < 6; k++) others += k != i && (old.sa_flags & flags[k]) != 0;
    say("flag %d: kept %d, others %d", i, (old.sa_flags & flags[i]) != 0, others);
  }
  return 0;
}
