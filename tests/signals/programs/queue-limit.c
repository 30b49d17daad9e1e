// sigqueue(3): EAGAIN when the limit of queued signals is reached; what was queued is delivered whole and in order.
#include "program.h"

static volatile int received, out_of_order;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  if (info->si_value.sival_int != received) out_of_order++;
  received++;
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  block(SIGRTMIN);
  int sent = 0;
  while (sent < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}) == 0) sent++;
  say("refused with %s", name_of(errno));
  unblock(SIGRTMIN);
  say("some were queued: %d, all received: %d, out of order: %d", sent > 30, received == sent, out_of_order);
  return 0;
}
