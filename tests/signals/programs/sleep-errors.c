// nanosleep(2): EINVAL for nanoseconds out of range or negative seconds.
#include "program.h"

int main(void) {
  struct timespec bad = {.tv_nsec = 1000000000}, negative = {.tv_sec = -1};
  say_result("a thousand million", nanosleep(&bad, NULL));
  say_result("negative", nanosleep(&negative, NULL));
  return 0;
}
