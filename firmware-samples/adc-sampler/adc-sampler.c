// build: clang -Wl,--export=wirq_handler_stack
/*
 * A timer paces the converter, DMA puts the samples into a circular buffer and tells of each half that is full; the handler
 * moves the half into a ring of blocks, and the main loop takes blocks out, looks for the least and the greatest sample, and
 * prints them. How many blocks are in the ring both of them change: the main loop with interrupts held back. With the
 * jumper on pin 2 it forgets to, and what the handler adds while it prints is lost.
 */
#include "wirq.h"

enum { TIMER = 0, INPUT = 0, CHANNEL = 0, DMA_LINE = 40, JUMPER = 2 };
enum { HALF = 16, BLOCKS = 12, CAPACITY = 16 }; /* samples, blocks to take, blocks in the ring */
#define SAMPLE_PERIOD_NS 100000                 /* 10 kHz: a half takes 1.6 ms */

WIRQ_HANDLER_STACK(2048);

static uint16_t buffer[2 * HALF];
static volatile uint16_t ring[CAPACITY][HALF];
static volatile uint32_t filled; /* blocks put in so far */
static volatile uint32_t held;   /* blocks in the ring */

WIRQ_HANDLER(IRQ40_Handler) {
  const uint16_t *half = wirq_dma_remaining(CHANNEL) <= HALF ? buffer : buffer + HALF;
  for (int i = 0; i < HALF; i++) ring[filled % CAPACITY][i] = half[i];
  filled++;
  held++;
  if (filled == BLOCKS) wirq_timer_stop(TIMER);
}

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

static void print_block(uint32_t block) {
  uint32_t least = 0xFFFF, greatest = 0;
  for (int i = 0; i < HALF; i++) {
    uint32_t sample = ring[block % CAPACITY][i];
    if (sample < least) least = sample;
    if (sample > greatest) greatest = sample;
  }
  wirq_uart_print(0, "block ");
  print_number(block);
  wirq_uart_print(0, ": ");
  print_number(least);
  wirq_uart_print(0, " to ");
  print_number(greatest);
  wirq_uart_print(0, "\n"); /* longer than it takes to sample a block, at 115200 baud */
}

int main(void) {
  int forgetful = wirq_gpio_read(JUMPER);
  NVIC_EnableIRQ(DMA_LINE);
  wirq_dma_sample(CHANNEL, INPUT, TIMER, buffer, 2 * HALF, 1);
  wirq_timer_start(TIMER, SAMPLE_PERIOD_NS, 1);
  uint32_t taken = 0;
  while (filled < BLOCKS || held > 0) {
    __disable_irq();
    while (held == 0) {
      __WFI();
      __enable_irq(); /* here the handler runs */
      __disable_irq();
    }
    __enable_irq();
    uint32_t before = held;
    print_block(taken++);
    if (forgetful) {
      held = before - 1; /* what has come meanwhile is forgotten */
    } else {
      __disable_irq();
      held = held - 1;
      __enable_irq();
    }
  }
  wirq_uart_print(0, "took ");
  print_number(taken);
  wirq_uart_print(0, " of ");
  print_number(filled);
  wirq_uart_print(0, " blocks\n");
  while (!(wirq_uart_status(0) & WIRQ_UART_IDLE)) {
  }
  return taken != filled;
}
