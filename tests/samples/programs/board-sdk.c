// build: clang -Wl,--export=wirq_handler_stack -Wl,--export=wirq_retained
/*
 * Calls the functions of sdk/c/wirq.h for the board's devices, and prints what each answers; board-sdk.test.ts holds the
 * expected lines and the board.
 */
#include <stdio.h>
#include "wirq.h"

WIRQ_HANDLER_STACK(2048);
WIRQ_RETAINED(struct { uint32_t boots; });

static volatile int on_pin, on_timer, on_rtc, on_dma;

WIRQ_HANDLER(IRQ3_Handler) { on_pin++; }
WIRQ_HANDLER(IRQ17_Handler) { on_timer++; }
WIRQ_HANDLER(IRQ33_Handler) { on_rtc++; }
WIRQ_HANDLER(IRQ40_Handler) { on_dma++; }

static void pins(void) {
  wirq_gpio_mode(20, WIRQ_GPIO_PULL_UP);
  wirq_gpio_mode(21, WIRQ_GPIO_PULL_DOWN);
  printf("pulls: %d %d\n", wirq_gpio_read(20), wirq_gpio_read(21));
  wirq_gpio_irq(4, 3, WIRQ_TRIGGER_RISING);
  wirq_gpio_write(4, 1);
  wirq_gpio_write(4, 0);
  wirq_gpio_irq(4, 3, WIRQ_TRIGGER_NONE);
  wirq_gpio_write(4, 1);
  printf("rising: %d\n", on_pin);
  wirq_timer_capture(1, 5, WIRQ_TRIGGER_BOTH);
  uint64_t before = wirq_now();
  wirq_gpio_write(5, 1);
  int64_t captured = wirq_timer_captured(1);
  printf("captured: %d, then: %d, handled: %d\n", captured >= (int64_t)before && captured <= (int64_t)wirq_now(),
         (int)wirq_timer_captured(1), on_timer);
}

static void timing(void) {
  printf("elapsed: %d", (int)wirq_timer_elapsed(2));
  wirq_timer_start(2, 1000000, 0);
  printf(" %d\n", wirq_timer_elapsed(2) < 1000000);
  wirq_timer_stop(2);
  printf("date: %u\n", (unsigned)(wirq_rtc_time() / 1000000000));
  wirq_rtc_set(5000000000);
  wirq_rtc_alarm(wirq_rtc_time() + 1000);
  while (on_rtc == 0) __WFI();
  wirq_rtc_alarm(wirq_rtc_time() + 1000);
  wirq_rtc_alarm(-1);
  printf("rang: %d at %u\n", on_rtc, (unsigned)(wirq_rtc_time() / 1000000000));
  wirq_watchdog_start(500000000);
  wirq_watchdog_feed();
}

static void transfers(void) {
  static const char from[] = "copied";
  static char to[sizeof from];
  static uint16_t samples[3];
  printf("adc: %d\n", wirq_adc_read(2));
  printf("dma: %d, busy: %d, to go: %d", wirq_dma_copy(0, to, from, sizeof from), wirq_dma_copy(0, to, from, 1),
         wirq_dma_remaining(0));
  while (on_dma == 0) __WFI();
  printf(", %s\n", to);
  printf("sampling: %d\n", wirq_dma_sample(0, 2, 3, samples, 3, 0));
  wirq_timer_start(3, 1000, 1);
  while (on_dma == 1) __WFI();
  wirq_timer_stop(3);
  wirq_dma_stop(0);
  printf("samples: %d %d, to go: %d\n", samples[0], samples[2], wirq_dma_remaining(0));
  uint8_t bytes[8] = {0};
  wirq_entropy_fill(bytes, sizeof bytes);
  int sum = 0;
  for (unsigned i = 0; i < sizeof bytes; i++) sum += bytes[i];
  printf("entropy: %d %d\n", sum > 0, wirq_entropy_word() != wirq_entropy_word());
  printf("uart: %d\n", wirq_uart_status(1));
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("boot %u, cause %d\n", (unsigned)++wirq_retained.value.boots, wirq_reset_cause());
  if (wirq_reset_cause() == WIRQ_RESET_SOFTWARE) return 0;
  NVIC_EnableIRQ(3);
  NVIC_EnableIRQ(17);
  NVIC_EnableIRQ(33);
  NVIC_EnableIRQ(40);
  pins();
  timing();
  transfers();
  NVIC_SystemReset();
}
