// build: clang -isystem sdk/c
// Orders arrive as real-time signals with a value: none is lost, none overtakes another of its number, and the lower number
// goes first. A standard signal beside them, SIGUSR1, coalesces. Orders come from outside too (see the scenario).
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define URGENT SIGRTMIN
#define NORMAL (SIGRTMIN + 1)

static volatile unsigned reminders;

static void on_reminder(int signal) {
  (void)signal;
  reminders++;
}

static void order(int signal, int number) {
  union sigval value;
  value.sival_int = number;
  if (sigqueue(getpid(), signal, value) != 0) perror("sigqueue");
}

int main(void) {
  struct sigaction action = {0};
  action.sa_handler = on_reminder;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);

  sigset_t orders, all;
  sigemptyset(&orders);
  sigaddset(&orders, URGENT);
  sigaddset(&orders, NORMAL);
  all = orders;
  sigaddset(&all, SIGUSR1);
  sigprocmask(SIG_BLOCK, &all, NULL);

  order(NORMAL, 1);
  order(NORMAL, 2);
  order(URGENT, 3);
  for (int i = 0; i < 3; i++) kill(getpid(), SIGUSR1);
  printf("open\n");

  unsigned taken = 0;
  siginfo_t info;
  do {
    int signal = sigwaitinfo(&orders, &info);
    printf("%s order %d\n", signal == URGENT ? "urgent" : "normal", info.si_value.sival_int);
    taken++;
  } while (info.si_value.sival_int != 0);

  sigprocmask(SIG_UNBLOCK, &all, NULL);
  printf("%u orders, %u reminder\n", taken, reminders);
  return reminders == 1 ? 0 : 1;
}
