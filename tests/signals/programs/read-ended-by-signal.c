// signal(7): a default action ends a program that waits in read().
#include "program.h"

int main(void) {
  char byte;
  start_timer(new_timer(SIGINT, 0), 20, 0);
  say_result("read", (int)read(0, &byte, 1));
  return 0;
}
