/**
 * @file wirq-port.h
 * The oracle's names on wirq, through sdk/c/wirq.h. See oracle.h; the other port is tools/oracle/arm-port.h.
 */
#ifndef WIRQ_PORT_H
#define WIRQ_PORT_H

#include "wirq.h"

#define PORT_INLINE static inline __attribute__((always_inline, unused))
#define PORT_HANDLER(name) WIRQ_HANDLER(name)
#define PORT_MAIN __attribute__((export_name("_start"))) void _start(void)

enum { NMI = NonMaskableInt_IRQn, SVCALL = SVCall_IRQn, PENDSV = PendSV_IRQn, SYSTICK = SysTick_IRQn };

struct port_text {
  const char *start;
  uint32_t length;
};

WIRQ_IMPORT("wasi_snapshot_preview1", "fd_write")
int32_t port_fd_write(int32_t fd, const struct port_text *texts, uint32_t count, uint32_t *written);
WIRQ_IMPORT("wasi_snapshot_preview1", "proc_exit") void port_proc_exit(int32_t code);

PORT_INLINE void port_write(const char *text, uint32_t length) {
  const struct port_text texts[1] = {{text, length}};
  uint32_t written;
  port_fd_write(1, texts, 1, &written);
}

PORT_INLINE __attribute__((noreturn)) void port_exit(void) {
  port_proc_exit(0);
  __builtin_unreachable();
}

PORT_INLINE void enable(int32_t line) { NVIC_EnableIRQ(line); }
PORT_INLINE void disable(int32_t line) { NVIC_DisableIRQ(line); }
PORT_INLINE uint32_t is_enabled(int32_t line) { return NVIC_GetEnableIRQ(line); }
PORT_INLINE void pend(int32_t line) { NVIC_SetPendingIRQ(line); }
PORT_INLINE void unpend(int32_t line) { NVIC_ClearPendingIRQ(line); }
PORT_INLINE uint32_t is_pending(int32_t line) { return NVIC_GetPendingIRQ(line); }
PORT_INLINE uint32_t is_active(int32_t line) { return NVIC_GetActive(line); }
PORT_INLINE void set_priority(int32_t line, uint32_t priority) { NVIC_SetPriority(line, priority); }
PORT_INLINE uint32_t get_priority(int32_t line) { return NVIC_GetPriority(line); }
PORT_INLINE void set_vector(int32_t line, void (*handler)(void)) { NVIC_SetVector(line, (uint32_t)handler); }

PORT_INLINE uint32_t get_ipsr(void) { return __get_IPSR(); }
PORT_INLINE uint32_t get_primask(void) { return __get_PRIMASK(); }
PORT_INLINE void set_primask(uint32_t value) { __set_PRIMASK(value); }
PORT_INLINE uint32_t get_basepri(void) { return __get_BASEPRI(); }
PORT_INLINE void set_basepri(uint32_t value) { __set_BASEPRI(value); }
PORT_INLINE void set_faultmask(uint32_t value) { wirq_irq_set_faultmask((int32_t)value); }
/** Setting it tells what it was; setting and clearing it lets nothing through that was not let through before. */
PORT_INLINE uint32_t get_faultmask(void) {
  const uint32_t value = (uint32_t)wirq_irq_set_faultmask(1);
  if (value == 0) wirq_irq_set_faultmask(0);
  return value;
}

PORT_INLINE void wfi(void) { __WFI(); }
PORT_INLINE void wfe(void) { __WFE(); }
PORT_INLINE void sev(void) { __SEV(); }

PORT_INLINE __attribute__((noreturn)) void system_reset(void) {
  NVIC_SystemReset();
  __builtin_unreachable();
}
/** A word that a reset leaves alone, 0 at first. */
#define RETAINED_WORD WIRQ_RETAINED(struct { uint32_t word; })
#define retained_word wirq_retained.value.word

/** A level-sensitive line that firmware can drive: a pin that holds it while it is high. */
#define LEVEL_LINE 5
#define LEVEL_HANDLER HANDLER(IRQ5_Handler)
#define PORT_LEVEL_PIN 0
PORT_INLINE void assert_level(void) {
  wirq_gpio_irq(PORT_LEVEL_PIN, LEVEL_LINE, WIRQ_TRIGGER_HIGH);
  wirq_gpio_write(PORT_LEVEL_PIN, 1);
}
PORT_INLINE void release_level(void) { wirq_gpio_write(PORT_LEVEL_PIN, 0); }

/** An instruction that no machine can execute. */
PORT_INLINE void undefined_instruction(void) { __builtin_trap(); }

/** SysTick every `cycles` cycles. */
PORT_INLINE void systick_start(uint32_t cycles) { SysTick_Config(cycles); }
PORT_INLINE void systick_stop(void) { SysTick_Config(1); }

#endif
