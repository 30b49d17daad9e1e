/**
 * @file arm-port.h
 * The oracle's names on a Cortex-M3 or M0+: registers of the NVIC, the SCB and SysTick, instructions, semihosting for the log.
 *
 * Follows the ARMv7-M and ARMv6-M Architecture Reference Manuals, B3.2 (SCB), B3.3 (SysTick) and B3.4 (NVIC), and
 * "Semihosting for AArch32 and AArch64". Each write is followed by DSB and ISB, so that what it made deliverable is
 * delivered before the next statement, as the imports of wirq have it. See tests/oracle/programs/oracle.h.
 */
#ifndef ARM_PORT_H
#define ARM_PORT_H

#include <stdint.h>

#define PORT_INLINE static inline __attribute__((always_inline, unused))
#define PORT_HANDLER(name) void name(void)
#define PORT_MAIN __attribute__((noreturn)) void oracle_main(void)

/** An emulator that never ends still shows how far it came. */
#define PORT_WRITES_LINES

enum { NMI = -14, SVCALL = -5, PENDSV = -2, SYSTICK = -1 };

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xE000E010)
#define SYST_RVR REGISTER(0xE000E014)
#define SYST_CVR REGISTER(0xE000E018)
#define SYST_CALIB REGISTER(0xE000E01C)
#define NVIC_ISER REGISTER(0xE000E100)
#define NVIC_ICER REGISTER(0xE000E180)
#define NVIC_ISPR REGISTER(0xE000E200)
#define NVIC_ICPR REGISTER(0xE000E280)
#define NVIC_IABR REGISTER(0xE000E300)
#define NVIC_IPR(word) REGISTER(0xE000E400 + 4 * (word))
#define SCB_ICSR REGISTER(0xE000ED04)
#define SCB_VTOR REGISTER(0xE000ED08)
#define SCB_AIRCR REGISTER(0xE000ED0C)
#define SCB_SCR REGISTER(0xE000ED10)
#define SCB_SHPR(word) REGISTER(0xE000ED18 + 4 * (word))
#define SCB_SHCSR REGISTER(0xE000ED24)

#define ICSR_NMIPENDSET (1u << 31)
#define ICSR_PENDSVSET (1u << 28)
#define ICSR_PENDSVCLR (1u << 27)
#define ICSR_PENDSTSET (1u << 26)
#define ICSR_PENDSTCLR (1u << 25)
#define SHCSR_SVCALLACT (1u << 7)
#define SHCSR_PENDSVACT (1u << 10)
#define SHCSR_SYSTICKACT (1u << 11)
#define SHCSR_SVCALLPENDED (1u << 15)

/** Makes what was written take effect before anything else. */
PORT_INLINE void settle(void) { __asm volatile("dsb\n\tisb" ::: "memory"); }

PORT_INLINE uint32_t semihost(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

/** SYS_WRITE0 (0x04) takes a text that ends with a zero. */
PORT_INLINE void port_write(char *text, uint32_t length) {
  text[length] = 0;
  semihost(0x04, text);
}

/** SYS_EXIT (0x18) with ADP_Stopped_ApplicationExit. */
PORT_INLINE __attribute__((noreturn)) void port_exit(void) {
  semihost(0x18, (const void *)0x20026);
  for (;;) {
  }
}

PORT_INLINE uint32_t line_bit(int32_t line) { return 1u << line; }

PORT_INLINE void enable(int32_t line) {
  NVIC_ISER = line_bit(line);
  settle();
}
PORT_INLINE void disable(int32_t line) {
  NVIC_ICER = line_bit(line);
  settle();
}
PORT_INLINE uint32_t is_enabled(int32_t line) { return (NVIC_ISER & line_bit(line)) != 0; }

PORT_INLINE void pend(int32_t line) {
  if (line >= 0) NVIC_ISPR = line_bit(line);
  else if (line == NMI) SCB_ICSR = ICSR_NMIPENDSET;
  else if (line == PENDSV) SCB_ICSR = ICSR_PENDSVSET;
  else if (line == SYSTICK) SCB_ICSR = ICSR_PENDSTSET;
  else SCB_SHCSR |= SHCSR_SVCALLPENDED;
  settle();
}
PORT_INLINE void unpend(int32_t line) {
  if (line >= 0) NVIC_ICPR = line_bit(line);
  else if (line == PENDSV) SCB_ICSR = ICSR_PENDSVCLR;
  else if (line == SYSTICK) SCB_ICSR = ICSR_PENDSTCLR;
  else SCB_SHCSR &= ~SHCSR_SVCALLPENDED;
  settle();
}
PORT_INLINE uint32_t is_pending(int32_t line) {
  if (line >= 0) return (NVIC_ISPR & line_bit(line)) != 0;
  if (line == NMI) return (SCB_ICSR & ICSR_NMIPENDSET) != 0;
  if (line == PENDSV) return (SCB_ICSR & ICSR_PENDSVSET) != 0;
  if (line == SYSTICK) return (SCB_ICSR & ICSR_PENDSTSET) != 0;
  return (SCB_SHCSR & SHCSR_SVCALLPENDED) != 0;
}
/** ARMv6-M has neither register. */
PORT_INLINE uint32_t is_active(int32_t line) {
  if (line >= 0) return (NVIC_IABR & line_bit(line)) != 0;
  if (line == PENDSV) return (SCB_SHCSR & SHCSR_PENDSVACT) != 0;
  if (line == SYSTICK) return (SCB_SHCSR & SHCSR_SYSTICKACT) != 0;
  return (SCB_SHCSR & SHCSR_SVCALLACT) != 0;
}

#define AIRCR_VECTKEY 0x05FA0000u
#define AIRCR_SYSRESETREQ (1u << 2)
#define SCR_SLEEPONEXIT (1u << 1)
#define SCR_SEVONPEND (1u << 4)

PORT_INLINE void set_priority_grouping(uint32_t grouping) {
  SCB_AIRCR = AIRCR_VECTKEY | (grouping << 8);
  settle();
}
PORT_INLINE uint32_t get_priority_grouping(void) { return (SCB_AIRCR >> 8) & 7; }

PORT_INLINE void set_sleep_on_exit(uint32_t value) {
  SCB_SCR = (SCB_SCR & ~SCR_SLEEPONEXIT) | (value ? SCR_SLEEPONEXIT : 0);
  settle();
}
PORT_INLINE void set_sev_on_pend(uint32_t value) {
  SCB_SCR = (SCB_SCR & ~SCR_SEVONPEND) | (value ? SCR_SEVONPEND : 0);
  settle();
}

PORT_INLINE __attribute__((noreturn)) void system_reset(void) {
  SCB_AIRCR = AIRCR_VECTKEY | AIRCR_SYSRESETREQ;
  for (;;) settle();
}
/** A word that a reset leaves alone, 0 at first. */
#define RETAINED_WORD static volatile uint32_t __attribute__((section(".retained"))) retained_word

/**
 * A level-sensitive line that firmware can drive: the transmit interrupt of UART2, line 5. It is asserted from the end of
 * a transmission, which takes no time here, until it is cleared (CMSDK APB UART, in the MPS2's AN385).
 */
#define LEVEL_LINE 5
#define LEVEL_HANDLER HANDLER(IRQ5_Handler)
#define UART2_DATA REGISTER(0x40006000)
#define UART2_CTRL REGISTER(0x40006008)
#define UART2_INTCLEAR REGISTER(0x4000600C)
#define UART2_BAUDDIV REGISTER(0x40006010)

PORT_INLINE void assert_level(void) {
  UART2_BAUDDIV = 16;
  UART2_CTRL = 1 | 4; /* transmitter and its interrupt on */
  UART2_DATA = 0;
  settle();
}
PORT_INLINE void release_level(void) {
  UART2_INTCLEAR = 1;
  settle();
}

/** The word that holds an exception's priority: ARMv6-M takes no bytes. */
PORT_INLINE volatile uint32_t *priority_word(int32_t line) {
  return line >= 0 ? &NVIC_IPR(line / 4) : &SCB_SHPR((line + 12) / 4);
}
PORT_INLINE uint32_t priority_shift(int32_t line) { return 8 * ((uint32_t)line & 3); }
PORT_INLINE void set_priority(int32_t line, uint32_t priority) {
  volatile uint32_t *word = priority_word(line);
  const uint32_t shift = priority_shift(line);
  *word = (*word & ~(0xFFu << shift)) | (priority << shift);
  settle();
}
PORT_INLINE uint32_t get_priority(int32_t line) { return (*priority_word(line) >> priority_shift(line)) & 0xFF; }

extern uint32_t oracle_vectors[48];
PORT_INLINE void set_vector(int32_t line, void (*handler)(void)) {
  oracle_vectors[line + 16] = (uint32_t)handler;
  settle();
}

#define SPECIAL_REGISTER(name)                                  \
  PORT_INLINE uint32_t get_##name(void) {                       \
    uint32_t value;                                             \
    __asm volatile("mrs %0, " #name : "=r"(value)::"memory");   \
    return value;                                               \
  }                                                             \
  PORT_INLINE void set_##name(uint32_t value) {                 \
    __asm volatile("msr " #name ", %0" ::"r"(value) : "memory"); \
    settle();                                                   \
  }
SPECIAL_REGISTER(primask)
#ifndef __ARM_ARCH_6M__
SPECIAL_REGISTER(basepri)
SPECIAL_REGISTER(faultmask)
PORT_INLINE void raise_basepri(uint32_t value) {
  __asm volatile("msr basepri_max, %0" ::"r"(value) : "memory");
  settle();
}
#endif
PORT_INLINE uint32_t get_ipsr(void) {
  uint32_t value;
  __asm volatile("mrs %0, ipsr" : "=r"(value)::"memory");
  return value;
}

PORT_INLINE void wfi(void) { __asm volatile("dsb\n\twfi\n\tisb" ::: "memory"); }
PORT_INLINE void wfe(void) { __asm volatile("dsb\n\twfe\n\tisb" ::: "memory"); }
PORT_INLINE void sev(void) { __asm volatile("sev" ::: "memory"); }

/** The call of a supervisor: SVCall is taken before the next statement, or HardFault where it cannot be. */
PORT_INLINE void svc(void) { __asm volatile("svc 0" ::: "memory"); }

PORT_INLINE void undefined_instruction(void) { __asm volatile("udf #1" ::: "memory"); }

/** As CMSIS-Core's SysTick_Config, but for the priority, which a scenario sets itself. */
PORT_INLINE void systick_start(uint32_t cycles) {
  SYST_RVR = cycles - 1;
  SYST_CVR = 0;
  SYST_CSR = 7;
  settle();
}
/** Counts without an exception. */
PORT_INLINE void systick_start_silent(uint32_t cycles) {
  SYST_RVR = cycles - 1;
  SYST_CVR = 0;
  SYST_CSR = 5;
  settle();
}
/** Whether it has counted to 0 since the last question. */
PORT_INLINE uint32_t systick_counted(void) { return (SYST_CSR >> 16) & 1; }
PORT_INLINE uint32_t systick_value(void) { return SYST_CVR; }
PORT_INLINE void systick_clear(void) {
  SYST_CVR = 0;
  settle();
}
PORT_INLINE void systick_stop(void) {
  SYST_CSR = 0;
  settle();
}

#endif
