// build: clang -Wl,--export=wirq_handler_stack
/*
 * Three handlers that interrupt one another: a slow log, a sample that interrupts it, an alarm that interrupts both. The
 * sample and the alarm share a sum and a count, which belong together: while the sample changes them it raises BASEPRI to
 * the alarm's priority. With the jumper on pin 2 it forgets to, and the alarm finds one changed and the other not.
 */
#include "wirq.h"

enum { ALARM = 1, SAMPLE = 2, LOG = 3, END = 4, JUMPER = 2 };
enum { ALARM_PRIORITY = 0x20, SAMPLE_PRIORITY = 0x40, LOG_PRIORITY = 0x60 };

WIRQ_HANDLER_STACK(4096);

static volatile uint32_t count, sum; /* sum is 100 for each sample counted */
static volatile uint32_t alarms, torn, ended;
static volatile char order[64];
static volatile uint32_t steps;

/* Who began (a capital) and who was done. */
static void note(char who) {
  if (steps < sizeof order - 1) order[steps++] = who;
}

/* Work that takes a while; the machine may interrupt each round. */
static uint32_t work(uint32_t rounds) {
  volatile uint32_t x = 1;
  for (uint32_t i = 0; i < rounds; i++) x = x * 1664525u + 1013904223u;
  return x;
}

WIRQ_HANDLER(IRQ1_Handler) {
  note('A');
  alarms++;
  if (sum != count * 100) torn++;
  note('a');
}

WIRQ_HANDLER(IRQ2_Handler) {
  note('S');
  if (wirq_gpio_read(JUMPER) == 0) __set_BASEPRI(ALARM_PRIORITY);
  count++;
  work(200); /* the measurement, between two changes that belong together */
  sum += 100;
  __set_BASEPRI(0);
  work(50);
  note('s');
}

WIRQ_HANDLER(IRQ3_Handler) {
  note('L');
  work(1000);
  note('l');
}

WIRQ_HANDLER(IRQ4_Handler) { ended = 1; }

static void print_number(uint32_t number) {
  char digits[11];
  char *at = &digits[10];
  *at = 0;
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  wirq_uart_print(0, at);
}

int main(void) {
  NVIC_SetPriority(ALARM, ALARM_PRIORITY);
  NVIC_SetPriority(SAMPLE, SAMPLE_PRIORITY);
  NVIC_SetPriority(LOG, LOG_PRIORITY);
  NVIC_SetPriority(END, LOG_PRIORITY);
  for (IRQn_Type line = ALARM; line <= END; line++) NVIC_EnableIRQ(line);
  wirq_uart_print(0, "ready\n");
  while (!ended) __WFI();
  wirq_uart_print(0, "order: ");
  for (uint32_t i = 0; i < steps; i++) {
    char step[2] = {order[i], 0};
    wirq_uart_print(0, step);
  }
  wirq_uart_print(0, "\nalarms: ");
  print_number(alarms);
  wirq_uart_print(0, ", torn: ");
  print_number(torn);
  wirq_uart_print(0, "\n");
  return torn > 0;
}
