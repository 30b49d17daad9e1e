// setitimer(2): EINVAL for an unknown timer, and for microseconds out of range.
#include "program.h"

int main(void) {
  struct itimerval timer = {.it_value = {.tv_sec = 100}};
  say_result("timer 9", setitimer(9, &timer, NULL));
  say_result("get timer 9", getitimer(9, &timer));
  timer = (struct itimerval){.it_value = {.tv_usec = 1000000}};
  say_result("a million", setitimer(ITIMER_REAL, &timer, NULL));
  timer = (struct itimerval){.it_value = {.tv_usec = -1}};
  say_result("negative", setitimer(ITIMER_REAL, &timer, NULL));
  timer = (struct itimerval){.it_value = {.tv_sec = 100}, .it_interval = {.tv_usec = 1000000}};
  say_result("interval of a million", setitimer(ITIMER_REAL, &timer, NULL));
  return 0;
}
