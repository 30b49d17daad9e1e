// build: clang -Wl,--export=wirq_handler_stack
/*
 * Calls every function of sdk/c/wirq.h but the mailbox's over memory, and prints what each answers; whole-sdk.test.ts
 * holds the expected lines.
 */
#include <stdio.h>
#include "wirq.h"

WIRQ_HANDLER_STACK(2048);

static volatile int on_line_3, on_line_4, on_systick, seen_ipsr, seen_active, seen_nested;

WIRQ_HANDLER(IRQ3_Handler) {
  on_line_3++;
  seen_ipsr = (int)__get_IPSR();
  seen_active = (int)NVIC_GetActive(3);
}

WIRQ_HANDLER(SysTick_Handler) { on_systick++; }

static void on_4(int32_t line) {
  on_line_4 += line;
  NVIC_SetPendingIRQ(3); /* more urgent than line 4: it runs now */
  seen_nested = on_line_3;
}

static void enabling(void) {
  printf("enabled at reset: %u\n", NVIC_GetEnableIRQ(3));
  NVIC_EnableIRQ(3);
  printf("enabled: %u\n", NVIC_GetEnableIRQ(3));
  NVIC_DisableIRQ(3);
  NVIC_SetPendingIRQ(3);
  printf("disabled: %u, pending: %u, handled: %d\n", NVIC_GetEnableIRQ(3), NVIC_GetPendingIRQ(3), on_line_3);
  NVIC_ClearPendingIRQ(3);
  NVIC_EnableIRQ(3);
  printf("cleared: %u, handled: %d\n", NVIC_GetPendingIRQ(3), on_line_3);
  NVIC_SetPendingIRQ(3);
  printf("handled: %d, as exception %d, active then: %d, now: %u\n", on_line_3, seen_ipsr, seen_active, NVIC_GetActive(3));
}

static void priorities(void) {
  NVIC_SetPriority(3, 1);
  NVIC_SetPriority(4, 2);
  printf("priorities: %u %u\n", NVIC_GetPriority(3), NVIC_GetPriority(4));
  NVIC_SetVector(4, (uint32_t)on_4);
  NVIC_EnableIRQ(4);
  NVIC_SetPendingIRQ(4);
  printf("vector: %d, nested: %d\n", on_line_4, seen_nested);
}

static void masks(void) {
  __disable_irq();
  NVIC_SetPendingIRQ(3);
  printf("PRIMASK: %u, handled: %d\n", __get_PRIMASK(), on_line_3);
  __WFI(); /* what is only masked ends the wait */
  __enable_irq();
  printf("PRIMASK: %u, handled: %d\n", __get_PRIMASK(), on_line_3);
  __set_BASEPRI(1);
  NVIC_SetPendingIRQ(3);
  printf("BASEPRI: %u, handled: %d\n", __get_BASEPRI(), on_line_3);
  __set_BASEPRI(0);
  printf("BASEPRI: %u, handled: %d\n", __get_BASEPRI(), on_line_3);
  __disable_fault_irq();
  NVIC_SetPendingIRQ(3);
  printf("FAULTMASK, handled: %d\n", on_line_3);
  __enable_fault_irq();
  printf("no FAULTMASK, handled: %d\n", on_line_3);
}

static void timing(void) {
  __SEV();
  __WFE(); /* the event has come already */
  uint64_t before = wirq_now();
  printf("systick: %u, too long: %u\n", SysTick_Config(16000), SysTick_Config(0x1000001));
  while (on_systick < 3) __WFI();
  SysTick_Config(1);
  printf("3 ticks took %u ms\n", (unsigned)((wirq_now() - before) / 1000000));
}

static void board(void) {
  static WIRQ_ALIGNED(8) uint8_t block[1024];
  wirq_gpio_mode(13, WIRQ_GPIO_OUTPUT);
  wirq_gpio_write(13, 1);
  printf("pin: %d %d\n", wirq_gpio_read(13), wirq_gpio_read(14));
  wirq_uart_print(0, "uart\n");
  char byte;
  printf("nothing to read: %d\n", wirq_uart_read(0, &byte, 1));
  wirq_timer_start(0, 1000000, 0);
  wirq_timer_stop(0);
  printf("mailbox: %d, misaligned: %d\n", wirq_mailbox_open(block, sizeof block), wirq_mailbox_open(block + 1, 512));
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0); /* in order with what goes out by uart */
  enabling();
  priorities();
  masks();
  timing();
  board();
  return 0;
}
