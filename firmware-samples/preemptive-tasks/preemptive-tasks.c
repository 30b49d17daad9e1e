// Needs `wirq/task`: tasks that are switched away from by force, in loops that call nobody (--stacks wasmfx, jspi or asyncify).
// build: clang -Wl,--export=wirq_stack_bytes -Wl,--export=wirq_handler_stack
// Three equals share the processor by slices although none of them ever gives way: two count in endless loops, one draws. A
// more urgent task wakes every 10 ms, and a button on line 3 an alarm that is more urgent still. Both it and the drawing need
// the display, behind a mutex: while the alarm waits, the drawing inherits its priority, and shares with nobody.
#include <stdio.h>
#include "wirq-sync.h"

WIRQ_STACK_BYTES(8192);
WIRQ_HANDLER_STACK(2048);

static volatile uint64_t counts[2];
static wirq_semaphore pressed;
static wirq_mutex display;
static volatile int ticks;

static void count(void *argument) {
  for (;;) counts[(int)argument]++;
}

/* Holds the display for some 4 ms of computing, again and again: three times as long where it shares with the others. */
static void draw(void *nothing) {
  (void)nothing;
  for (;;) {
    wirq_mutex_lock(&display);
    for (volatile int i = 0; i < 8000; i++) {}
    wirq_mutex_unlock(&display);
    wirq_task_sleep(1000000);
  }
}

static void tick(void *nothing) {
  (void)nothing;
  for (;; ticks++) wirq_task_sleep(10000000);
}

WIRQ_HANDLER(BUTTON_IRQHandler) { wirq_semaphore_give(&pressed); }

static void alarm(void *nothing) {
  (void)nothing;
  for (int n = 1; n <= 3; n++) {
    wirq_semaphore_take(&pressed);
    uint64_t before = wirq_now();
    wirq_mutex_lock(&display);
    int waited_ms = (int)((wirq_now() - before) / 1000000);
    printf("alarm %d after %d ticks: waited %d ms for the display\n", n, ticks, waited_ms);
    wirq_mutex_unlock(&display);
  }
}

int main(void) {
  NVIC_EnableIRQ(3);
  wirq_task_set_priority(wirq_task_current(), 1);
  puts("ready");
  wirq_task_spawn(count, (void *)0, 200);
  wirq_task_spawn(count, (void *)1, 200);
  wirq_task_spawn(draw, NULL, 200);
  wirq_task_spawn(tick, NULL, 50);
  wirq_task_join(wirq_task_spawn(alarm, NULL, 10));
  uint64_t a = counts[0], b = counts[1];
  uint64_t difference = a > b ? a - b : b - a;
  printf("equals had equal shares: %s\n", a > 0 && difference * 20 < a ? "yes" : "no");
  return 0;
}
