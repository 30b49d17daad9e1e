// build: clang -Wl,--export=wirq_handler_stack
/*
 * A serial port that answers. The receive interrupt moves bytes into a ring buffer; the main loop takes them out,
 * sends them back, and sleeps when there are none. Ctrl-D (byte 4) ends it with a summary.
 */
#include "wirq.h"

#define PORT 0
#define END 4
#define CAPACITY 64 /* a power of two: head and tail run freely, and an index is taken modulo it */

WIRQ_HANDLER_STACK(1024);

static volatile uint8_t ring[CAPACITY];
static volatile uint32_t head, tail; /* the main loop takes at head, the handler adds at tail */
static volatile uint32_t interrupts, lost;

WIRQ_HANDLER(IRQ5_Handler) {
  uint8_t chunk[16];
  int32_t length;
  interrupts++;
  while ((length = wirq_uart_read(PORT, chunk, sizeof chunk)) > 0) {
    for (int32_t i = 0; i < length; i++) {
      if (tail - head == CAPACITY) {
        lost++;
      } else {
        ring[tail % CAPACITY] = chunk[i];
        tail++;
      }
    }
  }
}

/* Waits for a byte. With interrupts held back, none can slip in between the test and the wait; wfi wakes all the same. */
static uint8_t take(void) {
  __disable_irq();
  while (head == tail) {
    __WFI();
    __enable_irq(); /* here the handler runs */
    __disable_irq();
  }
  __enable_irq();
  uint8_t byte = ring[head % CAPACITY];
  head++;
  return byte;
}

static void print_number(uint32_t number) {
  char digits[11];
  char *at = &digits[10];
  *at = 0;
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  wirq_uart_print(PORT, at);
}

int main(void) {
  NVIC_SetPriority(5, 1);
  NVIC_EnableIRQ(5);
  wirq_uart_print(PORT, "ready\n");
  uint32_t echoed = 0;
  for (;;) {
    uint8_t byte = take();
    if (byte == END) break;
    wirq_uart_write(PORT, &byte, 1);
    echoed++;
  }
  print_number(echoed);
  wirq_uart_print(PORT, " bytes; interrupts: ");
  print_number(interrupts);
  wirq_uart_print(PORT, ", lost: ");
  print_number(lost);
  wirq_uart_print(PORT, "\n");
  return 0;
}
