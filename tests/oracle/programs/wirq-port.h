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
PORT_INLINE uint32_t get_faultmask(void) { return __get_FAULTMASK(); }
PORT_INLINE void raise_basepri(uint32_t value) { __set_BASEPRI_MAX(value); }

PORT_INLINE void set_priority_grouping(uint32_t grouping) { NVIC_SetPriorityGrouping(grouping); }
PORT_INLINE uint32_t get_priority_grouping(void) { return NVIC_GetPriorityGrouping(); }
PORT_INLINE void set_sleep_on_exit(uint32_t value) {
  wirq_set_scr((wirq_get_scr() & ~SCB_SCR_SLEEPONEXIT_Msk) | (value ? SCB_SCR_SLEEPONEXIT_Msk : 0));
}
PORT_INLINE void set_sev_on_pend(uint32_t value) {
  wirq_set_scr((wirq_get_scr() & ~SCB_SCR_SEVONPEND_Msk) | (value ? SCB_SCR_SEVONPEND_Msk : 0));
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
  static uint32_t wired;
  if (wired == 0) wirq_gpio_irq(PORT_LEVEL_PIN, LEVEL_LINE, WIRQ_TRIGGER_HIGH);
  wired = 1;
  wirq_gpio_write(PORT_LEVEL_PIN, 1);
}
PORT_INLINE void release_level(void) { wirq_gpio_write(PORT_LEVEL_PIN, 0); }

PORT_INLINE void svc(void) { wirq_svc(0); }

/** An instruction that no machine can execute. */
PORT_INLINE void undefined_instruction(void) { __builtin_trap(); }

PORT_INLINE void port_systick(uint32_t cycles, uint32_t control) {
  wirq_systick_set_load(cycles - 1);
  wirq_systick_clear();
  wirq_systick_set_ctrl(control);
}
/** SysTick every `cycles` cycles. */
PORT_INLINE void systick_start(uint32_t cycles) {
  port_systick(cycles, SysTick_CTRL_CLKSOURCE_Msk | SysTick_CTRL_TICKINT_Msk | SysTick_CTRL_ENABLE_Msk);
}
/** Counts without an exception. */
PORT_INLINE void systick_start_silent(uint32_t cycles) {
  port_systick(cycles, SysTick_CTRL_CLKSOURCE_Msk | SysTick_CTRL_ENABLE_Msk);
}
/** Whether it has counted to 0 since the last question. */
PORT_INLINE uint32_t systick_counted(void) { return (wirq_systick_ctrl() & SysTick_CTRL_COUNTFLAG_Msk) != 0; }
PORT_INLINE uint32_t systick_value(void) { return wirq_systick_val(); }
PORT_INLINE void systick_clear(void) { wirq_systick_clear(); }
PORT_INLINE void systick_stop(void) { wirq_systick_set_ctrl(0); }

#endif
