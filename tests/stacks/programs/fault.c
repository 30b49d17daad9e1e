// build: clang -g
// A task that divides by zero, two calls deep, while another goes on. Its lines are looked for in what is told of it.
#include <stdio.h>
#include "wirq-task.h"

static volatile int result;

__attribute__((noinline)) static int divide(volatile int *zero) {
  return 7 / *zero; // line 9
}

static void faults(void *zero) {
  result = divide(zero); // line 13
}

int main(void) {
  static volatile int zero;
  int task = wirq_task_spawn(faults, (void *)&zero, 100);
  printf("ended with %d\n", wirq_task_join(task));
  return 0;
}
