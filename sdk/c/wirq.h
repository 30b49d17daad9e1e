/**
 * @file wirq.h
 * wirq for firmware in C and C++: interrupts in CMSIS-Core's spelling, the board, and the mailbox.
 *
 * Follows CMSIS-Core (Cortex-M) 6, "Interrupts and Exceptions (NVIC)", "Core Register Access", "Intrinsic Functions for
 * CPU Instructions" and "Systick Timer": https://arm-software.github.io/CMSIS_6/latest/Core/
 *
 * Everything here is an import that only exists in a module that uses it, or an inline function over memory. Firmware
 * that includes this file and calls nothing imports nothing. An interrupt that does not exist is a mistake in the
 * firmware: the machine stops and names it; only the questions whether it is enabled, pending or active answer 0.
 *
 * @code
 * // build: clang -Wl,--export=wirq_handler_stack
 * #include "wirq.h"
 *
 * WIRQ_HANDLER_STACK(2048);
 * static volatile uint32_t presses;
 *
 * WIRQ_HANDLER(IRQ3_Handler) { presses++; }
 *
 * int main(void) {
 *   NVIC_SetPriority(3, 2);
 *   NVIC_EnableIRQ(3);
 *   while (presses < 10) __WFI();
 *   return 0;
 * }
 * @endcode
 */
#ifndef WIRQ_H
#define WIRQ_H

#ifndef __wasm__
#error "wirq.h is for firmware: compile with --target=wasm32-wasip1 or another wasm target"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define WIRQ_C extern "C"
#define WIRQ_STATIC_ASSERT static_assert
#else
#define WIRQ_C extern
#define WIRQ_STATIC_ASSERT _Static_assert
#endif

#define WIRQ_ALIGNED(bytes) __attribute__((aligned(bytes)))
#define WIRQ_IMPORT(module, name) WIRQ_C __attribute__((import_module(module), import_name(name)))
#define WIRQ_INLINE static inline __attribute__((always_inline, unused))

/* ------------------------------------------------------------------------------------------------------------------
 * Handlers
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * Defines a handler: a function without arguments, exported under the name by which the machine finds it.
 *
 * `IRQ<n>_Handler` is the handler of line n; `<NAME>_IRQHandler` that of the line which the scenario calls NAME;
 * `SysTick_Handler`, `PendSV_Handler`, `SVC_Handler`, `NMI_Handler`, `HardFault_Handler` are those of the exceptions.
 * The names are CMSIS-Core's (startup files). What a handler shares with other code is `volatile`, as on hardware.
 *
 * In a module that never calls NVIC_EnableIRQ, every line that has a handler is enabled from reset.
 *
 * @code WIRQ_HANDLER(IRQ3_Handler) { presses++; } @endcode
 */
#ifdef __cplusplus
#define WIRQ_HANDLER(name) extern "C" __attribute__((export_name(#name))) void name(void)
#else
#define WIRQ_HANDLER(name) __attribute__((export_name(#name))) void name(void)
#endif

/**
 * Declares the stack that handlers run on: `bytes` bytes (a multiple of 16, at least 512), shared by nested handlers.
 *
 * Without it the machine asks the module's allocator for a stack, if it exports one, or else runs handlers further down
 * on the stack of the interrupted code. A handler that overruns this stack stops the machine; how much of it handlers
 * have used is reported at the end. The linker must export the symbol: `-Wl,--export=wirq_handler_stack`.
 * Its first word holds its size, for the machine to read at load; the machine may overwrite it afterwards.
 *
 * @code WIRQ_HANDLER_STACK(4096); @endcode
 */
#define WIRQ_HANDLER_STACK(bytes)                                                                                      \
  WIRQ_STATIC_ASSERT((bytes) >= 512 && (bytes) % 16 == 0, "a handler stack is at least 512 bytes, a multiple of 16"); \
  WIRQ_C WIRQ_ALIGNED(16) uint32_t wirq_handler_stack[(bytes) / 4];                                                    \
  WIRQ_ALIGNED(16) uint32_t wirq_handler_stack[(bytes) / 4] = {(bytes)}

/* ------------------------------------------------------------------------------------------------------------------
 * wirq/irq: the interrupt controller
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * An interrupt: external lines are 0 ... 239, system exceptions are negative.
 * CMSIS-Core: IRQn_Type. A plain integer here, because the lines have no names until a scenario gives them some.
 */
typedef int32_t IRQn_Type;

/** CMSIS-Core: the system exceptions of IRQn_Type that exist here. */
enum {
  NonMaskableInt_IRQn = -14,
  HardFault_IRQn = -13,
  SVCall_IRQn = -5,
  PendSV_IRQn = -2,
  SysTick_IRQn = -1,
};

/**
 * Priorities have eight bits: 0 is the most urgent, 255 the least. After reset the lowest of them is sub-priority: it
 * decides what goes first, not what interrupts. A machine can be configured to implement fewer, from the top; priorities
 * are nevertheless written as all eight. CMSIS-Core: __NVIC_PRIO_BITS.
 */
#define __NVIC_PRIO_BITS 8U

/* The imports as they are; the functions below give them CMSIS-Core's names. */
WIRQ_IMPORT("wirq/irq", "enable") void wirq_irq_enable(int32_t line);
WIRQ_IMPORT("wirq/irq", "disable") void wirq_irq_disable(int32_t line);
WIRQ_IMPORT("wirq/irq", "is_enabled") int32_t wirq_irq_is_enabled(int32_t line);
WIRQ_IMPORT("wirq/irq", "set_pending") void wirq_irq_set_pending(int32_t line);
WIRQ_IMPORT("wirq/irq", "clear_pending") void wirq_irq_clear_pending(int32_t line);
WIRQ_IMPORT("wirq/irq", "is_pending") int32_t wirq_irq_is_pending(int32_t line);
WIRQ_IMPORT("wirq/irq", "is_active") int32_t wirq_irq_is_active(int32_t line);
WIRQ_IMPORT("wirq/irq", "set_priority") void wirq_irq_set_priority(int32_t line, int32_t priority);
WIRQ_IMPORT("wirq/irq", "get_priority") int32_t wirq_irq_get_priority(int32_t line);
WIRQ_IMPORT("wirq/irq", "set_vector") void wirq_irq_set_vector(int32_t line, int32_t handler);
WIRQ_IMPORT("wirq/irq", "set_primask") int32_t wirq_irq_set_primask(int32_t masked);
WIRQ_IMPORT("wirq/irq", "get_primask") int32_t wirq_irq_get_primask(void);
WIRQ_IMPORT("wirq/irq", "set_basepri") int32_t wirq_irq_set_basepri(int32_t priority);
WIRQ_IMPORT("wirq/irq", "get_basepri") int32_t wirq_irq_get_basepri(void);
WIRQ_IMPORT("wirq/irq", "set_faultmask") int32_t wirq_irq_set_faultmask(int32_t masked);
WIRQ_IMPORT("wirq/irq", "current") int32_t wirq_irq_current(void);
WIRQ_IMPORT("wirq/irq", "wfi") void wirq_irq_wfi(void);
WIRQ_IMPORT("wirq/irq", "wfe") void wirq_irq_wfe(void);
WIRQ_IMPORT("wirq/irq", "sev") void wirq_irq_sev(void);
WIRQ_IMPORT("wirq/irq", "systick") int32_t wirq_irq_systick(int32_t reload);
WIRQ_IMPORT("wirq/irq", "system_reset") void wirq_irq_system_reset(void);
WIRQ_IMPORT("wirq/irq", "set_systick_ctrl") void wirq_irq_set_systick_ctrl(int32_t value);
WIRQ_IMPORT("wirq/irq", "get_systick_ctrl") int32_t wirq_irq_get_systick_ctrl(void);
WIRQ_IMPORT("wirq/irq", "set_systick_load") void wirq_irq_set_systick_load(int32_t value);
WIRQ_IMPORT("wirq/irq", "get_systick_load") int32_t wirq_irq_get_systick_load(void);
WIRQ_IMPORT("wirq/irq", "set_systick_val") void wirq_irq_set_systick_val(int32_t value);
WIRQ_IMPORT("wirq/irq", "get_systick_val") int32_t wirq_irq_get_systick_val(void);
WIRQ_IMPORT("wirq/irq", "get_systick_calib") int32_t wirq_irq_get_systick_calib(void);
WIRQ_IMPORT("wirq/irq", "set_priority_grouping") void wirq_irq_set_priority_grouping(int32_t grouping);
WIRQ_IMPORT("wirq/irq", "get_priority_grouping") int32_t wirq_irq_get_priority_grouping(void);
WIRQ_IMPORT("wirq/irq", "set_scr") int32_t wirq_irq_set_scr(int32_t value);
WIRQ_IMPORT("wirq/irq", "get_scr") int32_t wirq_irq_get_scr(void);
WIRQ_IMPORT("wirq/irq", "set_basepri_max") int32_t wirq_irq_set_basepri_max(int32_t priority);
WIRQ_IMPORT("wirq/irq", "get_faultmask") int32_t wirq_irq_get_faultmask(void);
WIRQ_IMPORT("wirq/irq", "svc") void wirq_irq_svc(int32_t number);
WIRQ_IMPORT("wirq/irq", "svc_number") int32_t wirq_irq_svc_number(void);
WIRQ_IMPORT("wirq/irq", "fault_cause") int32_t wirq_irq_fault_cause(void);

/** Enables a line. System exceptions are always enabled. CMSIS-Core: NVIC_EnableIRQ. */
WIRQ_INLINE void NVIC_EnableIRQ(IRQn_Type line) { wirq_irq_enable(line); }

/** Disables a line: raised, it stays pending. CMSIS-Core: NVIC_DisableIRQ. */
WIRQ_INLINE void NVIC_DisableIRQ(IRQn_Type line) { wirq_irq_disable(line); }

/** @return 1 if the line is enabled, else 0. CMSIS-Core: NVIC_GetEnableIRQ. */
WIRQ_INLINE uint32_t NVIC_GetEnableIRQ(IRQn_Type line) { return (uint32_t)wirq_irq_is_enabled(line); }

/**
 * Makes an interrupt pending. One that is deliverable runs before this function returns.
 * CMSIS-Core: NVIC_SetPendingIRQ.
 */
WIRQ_INLINE void NVIC_SetPendingIRQ(IRQn_Type line) { wirq_irq_set_pending(line); }

/** Takes a pending interrupt back, before it was delivered. CMSIS-Core: NVIC_ClearPendingIRQ. */
WIRQ_INLINE void NVIC_ClearPendingIRQ(IRQn_Type line) { wirq_irq_clear_pending(line); }

/** @return 1 if the interrupt is pending, else 0. CMSIS-Core: NVIC_GetPendingIRQ. */
WIRQ_INLINE uint32_t NVIC_GetPendingIRQ(IRQn_Type line) { return (uint32_t)wirq_irq_is_pending(line); }

/** @return 1 while the interrupt's handler runs or is itself interrupted, else 0. CMSIS-Core: NVIC_GetActive. */
WIRQ_INLINE uint32_t NVIC_GetActive(IRQn_Type line) { return (uint32_t)wirq_irq_is_active(line); }

/**
 * Sets a priority, 0 (most urgent) ... 255; reset gives 0. A handler is interrupted by lower numbers only.
 * CMSIS-Core: NVIC_SetPriority.
 */
WIRQ_INLINE void NVIC_SetPriority(IRQn_Type line, uint32_t priority) {
  wirq_irq_set_priority(line, (int32_t)priority);
}

/** @return the priority of an interrupt. CMSIS-Core: NVIC_GetPriority. */
WIRQ_INLINE uint32_t NVIC_GetPriority(IRQn_Type line) { return (uint32_t)wirq_irq_get_priority(line); }

/**
 * Gives an interrupt another handler, which comes before any exported one. CMSIS-Core: NVIC_SetVector.
 *
 * @param handler a `void (*)(void)` or a `void (*)(int32_t line)`, cast; any other shape stops the machine.
 * @code NVIC_SetVector(3, (uint32_t)on_button); @endcode
 */
WIRQ_INLINE void NVIC_SetVector(IRQn_Type line, uint32_t handler) { wirq_irq_set_vector(line, (int32_t)handler); }

/** Holds back every interrupt but NMI and HardFault: sets PRIMASK. CMSIS-Core: __disable_irq (cpsid i). */
WIRQ_INLINE void __disable_irq(void) { wirq_irq_set_primask(1); }

/**
 * Clears PRIMASK. Interrupts that became deliverable run before this function returns.
 * CMSIS-Core: __enable_irq (cpsie i).
 */
WIRQ_INLINE void __enable_irq(void) { wirq_irq_set_primask(0); }

/** @return 1 if interrupts are held back, else 0. CMSIS-Core: __get_PRIMASK. */
WIRQ_INLINE uint32_t __get_PRIMASK(void) { return (uint32_t)wirq_irq_get_primask(); }

/** Puts PRIMASK back to what __get_PRIMASK gave. CMSIS-Core: __set_PRIMASK. */
WIRQ_INLINE void __set_PRIMASK(uint32_t masked) { wirq_irq_set_primask((int32_t)(masked & 1)); }

/**
 * Holds back priorities `priority` and less urgent (numerically greater or equal); 0 holds nothing back.
 * CMSIS-Core: __set_BASEPRI.
 */
WIRQ_INLINE void __set_BASEPRI(uint32_t priority) { wirq_irq_set_basepri((int32_t)(priority & 0xFF)); }

/** @return what BASEPRI is, 0 if it holds nothing back. CMSIS-Core: __get_BASEPRI. */
WIRQ_INLINE uint32_t __get_BASEPRI(void) { return (uint32_t)wirq_irq_get_basepri(); }

/** Holds back everything but NMI, until the handler returns or __enable_fault_irq. CMSIS-Core: __disable_fault_irq. */
WIRQ_INLINE void __disable_fault_irq(void) { wirq_irq_set_faultmask(1); }

/** Clears FAULTMASK. CMSIS-Core: __enable_fault_irq. */
WIRQ_INLINE void __enable_fault_irq(void) { wirq_irq_set_faultmask(0); }

/** @return 1 if FAULTMASK is set, else 0. CMSIS-Core: __get_FAULTMASK. */
WIRQ_INLINE uint32_t __get_FAULTMASK(void) { return (uint32_t)wirq_irq_get_faultmask(); }

/** As __set_BASEPRI, but only where that holds back more. CMSIS-Core: __set_BASEPRI_MAX. */
WIRQ_INLINE void __set_BASEPRI_MAX(uint32_t priority) { wirq_irq_set_basepri_max((int32_t)(priority & 0xFF)); }

/**
 * Sets PRIGROUP, 0 ... 7: bits 7 to PRIGROUP + 1 of a priority decide what interrupts, the rest what goes first among
 * the pending. CMSIS-Core: NVIC_SetPriorityGrouping.
 */
WIRQ_INLINE void NVIC_SetPriorityGrouping(uint32_t grouping) { wirq_irq_set_priority_grouping((int32_t)grouping); }

/** @return PRIGROUP. CMSIS-Core: NVIC_GetPriorityGrouping. */
WIRQ_INLINE uint32_t NVIC_GetPriorityGrouping(void) { return (uint32_t)wirq_irq_get_priority_grouping(); }

/** Bits of the system control register. CMSIS-Core: SCB_SCR_SLEEPONEXIT_Msk, SCB_SCR_SEVONPEND_Msk. */
#define SCB_SCR_SLEEPONEXIT_Msk (1UL << 1)
#define SCB_SCR_SEVONPEND_Msk (1UL << 4)

/** Writes SCB->SCR: with SLEEPONEXIT, thread mode is not returned to, but slept in; with SEVONPEND, a pend is an event. */
WIRQ_INLINE void wirq_set_scr(uint32_t value) { wirq_irq_set_scr((int32_t)value); }

/** @return SCB->SCR. */
WIRQ_INLINE uint32_t wirq_get_scr(void) { return (uint32_t)wirq_irq_get_scr(); }

/** Calls the supervisor: SVC_Handler runs before this returns, and can ask for the number. Where it cannot run: HardFault. */
WIRQ_INLINE void wirq_svc(uint32_t number) { wirq_irq_svc((int32_t)number); }

/** @return the number of the last supervisor call. */
WIRQ_INLINE uint32_t wirq_svc_number(void) { return (uint32_t)wirq_irq_svc_number(); }

/** What wirq_fault_cause answers. */
enum {
  WIRQ_FAULT_NONE = 0,
  WIRQ_FAULT_UNREACHABLE = 1,     /**< abort(), a failed assertion */
  WIRQ_FAULT_MEMORY = 2,          /**< a load or store outside memory */
  WIRQ_FAULT_DIVIDE_BY_ZERO = 3,
  WIRQ_FAULT_OVERFLOW = 4,        /**< a quotient or conversion that no integer holds */
  WIRQ_FAULT_CALL = 5,            /**< a call through a bad function pointer */
  WIRQ_FAULT_STACK_EXHAUSTED = 6,
  WIRQ_FAULT_EXCEPTION = 7,       /**< nobody caught it */
  WIRQ_FAULT_NO_HANDLER = 8,      /**< an interrupt was taken that has no handler */
  WIRQ_FAULT_SVC_MASKED = 9,      /**< a supervisor call where SVCall's priority did not allow it */
  WIRQ_FAULT_OTHER = 15,
};

/**
 * @return in HardFault_Handler: why it runs. After a trap (causes 1 to 7) the code that trapped is gone: when the handler
 * returns, the run ends as the trap would have ended it.
 */
WIRQ_INLINE int32_t wirq_fault_cause(void) { return wirq_irq_fault_cause(); }

/** @return the exception that runs: 0 in thread mode, 16 + n in the handler of line n. CMSIS-Core: __get_IPSR. */
WIRQ_INLINE uint32_t __get_IPSR(void) { return (uint32_t)wirq_irq_current(); }

/**
 * Waits for an interrupt. One that only PRIMASK holds back ends the wait too, so nothing is missed between a test and
 * the wait when the two stand inside __disable_irq() ... __enable_irq(). CMSIS-Core: __WFI.
 */
WIRQ_INLINE void __WFI(void) { wirq_irq_wfi(); }

/** Waits for an event: an interrupt, or __SEV since the last wait. CMSIS-Core: __WFE. */
WIRQ_INLINE void __WFE(void) { wirq_irq_wfe(); }

/** Signals an event, which ends the present or the next __WFE. CMSIS-Core: __SEV. */
WIRQ_INLINE void __SEV(void) { wirq_irq_sev(); }

/**
 * Makes SysTick pending every `ticks` cycles of the machine's clock, beginning that many cycles from now.
 * CMSIS-Core: SysTick_Config; as there, the counter has 24 bits and is loaded with `ticks - 1`, so that 1 stops it.
 *
 * @return 0, or 1 if `ticks` is not in 1 ... 0x1000000.
 */
WIRQ_INLINE uint32_t SysTick_Config(uint32_t ticks) {
  return ticks - 1 > 0xFFFFFF ? 1 : (uint32_t)wirq_irq_systick((int32_t)(ticks - 1));
}

/** Restarts the firmware; it does not return. wirq_reset_cause says so afterwards. CMSIS-Core: NVIC_SystemReset. */
__attribute__((noreturn)) WIRQ_INLINE void NVIC_SystemReset(void) {
  wirq_irq_system_reset();
  __builtin_unreachable();
}

/** Bits of SysTick->CTRL. CMSIS-Core: SysTick_CTRL_ENABLE_Msk and its neighbours. */
#define SysTick_CTRL_ENABLE_Msk (1UL << 0)
#define SysTick_CTRL_TICKINT_Msk (1UL << 1)
#define SysTick_CTRL_CLKSOURCE_Msk (1UL << 2)
#define SysTick_CTRL_COUNTFLAG_Msk (1UL << 16)

/** SysTick->CTRL. Reading it clears COUNTFLAG, which says that the counter came to 0. */
WIRQ_INLINE uint32_t wirq_systick_ctrl(void) { return (uint32_t)wirq_irq_get_systick_ctrl(); }
WIRQ_INLINE void wirq_systick_set_ctrl(uint32_t value) { wirq_irq_set_systick_ctrl((int32_t)value); }

/** SysTick->LOAD, 24 bits: what the counter begins at; 0 stops it. */
WIRQ_INLINE uint32_t wirq_systick_load(void) { return (uint32_t)wirq_irq_get_systick_load(); }
WIRQ_INLINE void wirq_systick_set_load(uint32_t value) { wirq_irq_set_systick_load((int32_t)value); }

/** SysTick->VAL: the counter. Writing anything makes it 0, clears COUNTFLAG, and lets it begin anew. */
WIRQ_INLINE uint32_t wirq_systick_val(void) { return (uint32_t)wirq_irq_get_systick_val(); }
WIRQ_INLINE void wirq_systick_clear(void) { wirq_irq_set_systick_val(0); }

/** @return SysTick->CALIB: NOREF, SKEW, and LOAD for 10 ms. */
WIRQ_INLINE uint32_t wirq_systick_calib(void) { return (uint32_t)wirq_irq_get_systick_calib(); }

/* ------------------------------------------------------------------------------------------------------------------
 * wirq/board: time, resets, pins, serial ports, timers, watchdog, clock, converter, DMA and entropy
 * --------------------------------------------------------------------------------------------------------------- */

/** @return the machine's time since reset, in nanoseconds. */
WIRQ_IMPORT("wirq/board", "now") uint64_t wirq_now(void);

/** Why the firmware runs: the power came on, NVIC_SystemReset, the watchdog, the reset pin. */
enum { WIRQ_RESET_POWER_ON = 0, WIRQ_RESET_SOFTWARE = 1, WIRQ_RESET_WATCHDOG = 2, WIRQ_RESET_PIN = 3 };

/** @return why the firmware was started, one of WIRQ_RESET_... */
WIRQ_IMPORT("wirq/board", "reset_cause") int32_t wirq_reset_cause(void);

/**
 * Declares memory that survives every reset but a loss of power: `wirq_retained.value`, of the given type, zero at first.
 * All other memory is as at the first start again. The linker must export the symbol: `-Wl,--export=wirq_retained`.
 *
 * @code
 * WIRQ_RETAINED(struct { uint32_t boots; });
 * int main(void) { wirq_retained.value.boots++; ... }
 * @endcode
 */
#define WIRQ_RETAINED(...)                                                                                             \
  struct wirq_retained_block {                                                                                         \
    uint32_t bytes;                                                                                                    \
    uint32_t reserved;                                                                                                 \
    __VA_ARGS__ value;                                                                                                 \
  };                                                                                                                   \
  WIRQ_C volatile struct wirq_retained_block wirq_retained;                                                            \
  volatile struct wirq_retained_block wirq_retained = {sizeof(struct wirq_retained_block), 0, {0}}

enum { WIRQ_GPIO_INPUT = 0, WIRQ_GPIO_OUTPUT = 1, WIRQ_GPIO_PULL_UP = 2, WIRQ_GPIO_PULL_DOWN = 3 };

/**
 * Sets the direction of a pin, 0 ... 255, and its pull resistor, which says the level of an input that nobody drives.
 * After reset every pin is an input; writing to one makes it an output.
 */
WIRQ_IMPORT("wirq/board", "gpio_mode") void wirq_gpio_mode(int32_t pin, int32_t mode);

/** @return the level of a pin, 0 or 1. */
WIRQ_IMPORT("wirq/board", "gpio_read") int32_t wirq_gpio_read(int32_t pin);

/** Drives a pin to a level, 0 or 1. */
WIRQ_IMPORT("wirq/board", "gpio_write") void wirq_gpio_write(int32_t pin, int32_t level);

/** What raises the line of a pin: an edge of its level, or a level for as long as it lasts. */
enum {
  WIRQ_TRIGGER_NONE = 0,
  WIRQ_TRIGGER_RISING = 1,
  WIRQ_TRIGGER_FALLING = 2,
  WIRQ_TRIGGER_BOTH = 3,
  WIRQ_TRIGGER_HIGH = 4,
  WIRQ_TRIGGER_LOW = 5,
};

/** Wires a pin to a line, in place of what the board wired it to; WIRQ_TRIGGER_NONE takes the wire away. */
WIRQ_IMPORT("wirq/board", "gpio_irq") void wirq_gpio_irq(int32_t pin, int32_t line, int32_t trigger);

/** Sends bytes through a serial port. @return how many were taken: all, or what the FIFO of a port with a baud rate holds. */
WIRQ_IMPORT("wirq/board", "uart_write") int32_t wirq_uart_write(int32_t port, const void *bytes, int32_t length);

/**
 * Takes bytes that have arrived at a serial port. It never waits.
 * Each arrival raises the port's line: 5 + port, unless a scenario names another one UART<port>.
 *
 * @return how many were taken, 0 if there are none.
 */
WIRQ_IMPORT("wirq/board", "uart_read") int32_t wirq_uart_read(int32_t port, void *bytes, int32_t length);

/** Bits of wirq_uart_status. */
enum {
  WIRQ_UART_OVERRUN = 1,  /**< bytes were lost, because the receive FIFO was full; cleared by asking */
  WIRQ_UART_FRAMING = 2,  /**< a byte came with a wrong stop bit; cleared by asking */
  WIRQ_UART_RECEIVED = 4, /**< bytes wait to be read */
  WIRQ_UART_IDLE = 8,     /**< everything has been sent */
  WIRQ_UART_FULL = 16,    /**< the transmit FIFO has no room */
};

/** @return the state of a serial port, bits of WIRQ_UART_... */
WIRQ_IMPORT("wirq/board", "uart_status") int32_t wirq_uart_status(int32_t port);

/**
 * Starts timer `timer`, 0 ... 15: it raises its line after `period_ns`, and every period if `repeat` is not 0.
 * The line is 16 + timer, unless a scenario names another one TIMER<timer>.
 */
WIRQ_IMPORT("wirq/board", "timer_start") void wirq_timer_start(int32_t timer, uint64_t period_ns, int32_t repeat);

/** Stops a timer, and its captures. */
WIRQ_IMPORT("wirq/board", "timer_stop") void wirq_timer_stop(int32_t timer);

/** @return nanoseconds since the timer was started or last expired; -1 when it does not run. */
WIRQ_IMPORT("wirq/board", "timer_elapsed") int64_t wirq_timer_elapsed(int32_t timer);

/** Captures the moments of a pin's edges, WIRQ_TRIGGER_RISING, _FALLING or _BOTH, each of which raises the timer's line. */
WIRQ_IMPORT("wirq/board", "timer_capture") void wirq_timer_capture(int32_t timer, int32_t pin, int32_t edge);

/** @return the moment captured last, as of wirq_now, once; -1 when there is none. The next edge overwrites it. */
WIRQ_IMPORT("wirq/board", "timer_captured") int64_t wirq_timer_captured(int32_t timer);

/**
 * Starts the watchdog: unless it is fed before `timeout_ns` is over, each time anew, it resets the firmware, or raises
 * NMI first if the board says so. It cannot be stopped. Called again, it counts as food and changes the timeout.
 */
WIRQ_IMPORT("wirq/board", "watchdog_start") void wirq_watchdog_start(uint64_t timeout_ns);

/** Feeds the watchdog. On a board with a window, food that comes too soon after the last is as bad as none. */
WIRQ_IMPORT("wirq/board", "watchdog_feed") void wirq_watchdog_feed(void);

/** @return nanoseconds since 1970-01-01T00:00:00Z, by a clock that goes on through every reset. */
WIRQ_IMPORT("wirq/board", "rtc_time") int64_t wirq_rtc_time(void);

/** Sets the clock. */
WIRQ_IMPORT("wirq/board", "rtc_set") void wirq_rtc_set(int64_t time_ns);

/** Raises line 33, or the one a scenario calls RTC, at this date; a negative one turns the alarm off. */
WIRQ_IMPORT("wirq/board", "rtc_alarm") void wirq_rtc_alarm(int64_t time_ns);

/** Converts what an analogue channel, 0 ... 15, sees now. @return 0 ... 4095 with the usual twelve bits. */
WIRQ_IMPORT("wirq/board", "adc_read") int32_t wirq_adc_read(int32_t channel);

/**
 * Copies a block of memory while the core does something else; DMA channel `channel`, 0 ... 7, then raises its line:
 * 40 + channel, unless a scenario names another one DMA<channel>. Nothing of the copy is seen before that.
 *
 * @return 0, or 1 when the channel is busy.
 */
WIRQ_IMPORT("wirq/board", "dma_copy")
int32_t wirq_dma_copy(int32_t channel, void *to, const void *from, int32_t length);

/**
 * Stores a sample of ADC channel `input` at each expiry of `timer`, which then raises no line of its own. The channel
 * raises its line when all `count` are there and stops; `circular` ones at each half, and begin again at the end.
 *
 * @return 0, or 1 when the channel is busy.
 */
WIRQ_IMPORT("wirq/board", "dma_sample")
int32_t wirq_dma_sample(int32_t channel, int32_t input, int32_t timer, uint16_t *to, int32_t count, int32_t circular);

/** Stops a DMA channel where it is; a copy that is not done leaves no trace. */
WIRQ_IMPORT("wirq/board", "dma_stop") void wirq_dma_stop(int32_t channel);

/** @return samples until the end of the buffer, or bytes of a copy that is not done; 0 when the channel is idle. */
WIRQ_IMPORT("wirq/board", "dma_remaining") int32_t wirq_dma_remaining(int32_t channel);

/** Fills memory with random bytes, from the run's seed. */
WIRQ_IMPORT("wirq/board", "entropy_fill") void wirq_entropy_fill(void *bytes, int32_t length);

/** @return 32 random bits. */
WIRQ_IMPORT("wirq/board", "entropy_word") int32_t wirq_entropy_word(void);

/** Sends a zero-terminated text through a serial port, waiting for room in its FIFO. */
WIRQ_INLINE void wirq_uart_print(int32_t port, const char *text) {
  int32_t left = (int32_t)__builtin_strlen(text);
  while (left > 0) {
    int32_t taken = wirq_uart_write(port, text, left);
    text += taken;
    left -= taken;
  }
}

/* ------------------------------------------------------------------------------------------------------------------
 * wirq/mailbox: interrupts and devices without calls
 *
 * A block of memory through which host and guest speak by loads and stores. All numbers are little-endian, the block is
 * 8-aligned. Heads and tails run freely modulo 2^32; entry i lies at i modulo the capacity; a ring is full when
 * tail - head is its capacity.
 * --------------------------------------------------------------------------------------------------------------- */

#define WIRQ_MAILBOX_MAGIC 0x51524957u /* "WIRQ" */
#define WIRQ_MAILBOX_VERSION 1

/** What an inbox entry says: line `number` was raised, or signal `number` with `value` was sent. */
enum { WIRQ_INBOX_IRQ = 1, WIRQ_INBOX_SIGNAL = 2 };

/** What an outbox entry asks for; wirq_post_done and its neighbours below write them. */
enum {
  WIRQ_OUTBOX_DONE = 1,
  WIRQ_OUTBOX_PEND = 2,
  WIRQ_OUTBOX_GPIO = 3,
  WIRQ_OUTBOX_UART = 4,
  WIRQ_OUTBOX_TIMER = 5,
  WIRQ_OUTBOX_EXIT = 6,
  WIRQ_OUTBOX_EVENT = 7,
};

/** An entry of either ring. The host stamps what it posts with the machine's time; the guest's entries carry none. */
typedef struct __attribute__((may_alias)) {
  uint32_t kind;
  uint32_t number;
  uint64_t time_ns;
  uint64_t value;
} wirq_entry;

/**
 * The header of a mailbox. After it come words of pending bits (bit n%32 of word n/32 is line n), padded to 8 bytes,
 * then the inbox ring, then the outbox ring. `volatile`, because the host writes it between any two instructions.
 */
typedef volatile struct {
  uint32_t magic;
  uint16_t version;
  uint16_t header_bytes;
  uint32_t doorbell;        /**< set to 1 by the host after each post, to 0 by the guest before it takes */
  uint32_t words;           /**< words of pending bits */
  uint32_t posted;          /**< counts every post of the host */
  uint32_t overruns;        /**< counts posts that found their bit set already, or the ring full */
  uint32_t inbox_capacity;  /**< entries: a power of two, or 0 for no ring */
  uint32_t inbox_head;      /**< the guest's */
  uint32_t inbox_tail;      /**< the host's */
  uint32_t host_doorbell;   /**< set to 1 by the guest after each entry, to 0 by the host before it takes */
  uint32_t outbox_capacity; /**< likewise */
  uint32_t outbox_head;     /**< the host's */
  uint32_t outbox_tail;     /**< the guest's */
  uint32_t reserved[3];
} wirq_box;

WIRQ_STATIC_ASSERT(sizeof(wirq_entry) == 24, "an entry has 24 bytes");
WIRQ_STATIC_ASSERT(sizeof(wirq_box) == 64, "the header has 64 bytes");
WIRQ_STATIC_ASSERT(offsetof(wirq_box, doorbell) == 8, "the doorbell lies at +8");
WIRQ_STATIC_ASSERT(offsetof(wirq_box, inbox_capacity) == 24, "the inbox's capacity lies at +24");
WIRQ_STATIC_ASSERT(offsetof(wirq_box, host_doorbell) == 36, "the host's doorbell lies at +36");
WIRQ_STATIC_ASSERT(offsetof(wirq_box, outbox_tail) == 48, "the outbox's tail lies at +48");

/** Words of pending bits for lines 0 ... lines-1, and the bytes they take with their padding. */
#define WIRQ_MAILBOX_WORDS(lines) (((lines) + 31) / 32)
#define WIRQ_MAILBOX_BITS_BYTES(lines) ((WIRQ_MAILBOX_WORDS(lines) * 4 + 7) / 8 * 8)

/** The bytes of a block with rings of `inbox` and `outbox` entries and bits for lines 0 ... lines-1. */
#define WIRQ_MAILBOX_BYTES(inbox, outbox, lines)                                                                       \
  (sizeof(wirq_box) + WIRQ_MAILBOX_BITS_BYTES(lines) + ((inbox) + (outbox)) * sizeof(wirq_entry))

/**
 * Declares the mailbox of a module that has no imports: `wirq_mailbox`, formatted by the module's own data.
 * The linker must export the symbol: `-Wl,--export=wirq_mailbox`. Use it as `&wirq_mailbox.box`.
 *
 * @param inbox, outbox entries of each ring, a power of two up to 65536, or 0 for none
 * @param lines bits for lines 0 ... lines-1, up to 240 (rounded up to words of 32)
 * @code WIRQ_MAILBOX(16, 64, 32); @endcode
 */
#define WIRQ_MAILBOX(inbox, outbox, lines)                                                                             \
  WIRQ_STATIC_ASSERT(((inbox) & ((inbox) - 1)) == 0 && (inbox) <= 65536, "a ring's capacity is a power of 2 or 0");   \
  WIRQ_STATIC_ASSERT(((outbox) & ((outbox) - 1)) == 0 && (outbox) <= 65536, "a ring's capacity is a power of 2 or 0"); \
  WIRQ_STATIC_ASSERT((lines) >= 0 && (lines) <= 256, "lines are 0 ... 239");                                          \
  struct wirq_mailbox_block {                                                                                          \
    WIRQ_ALIGNED(8) wirq_box box;                                                                                      \
    uint8_t rest[WIRQ_MAILBOX_BYTES(inbox, outbox, lines) - sizeof(wirq_box)];                                         \
  };                                                                                                                   \
  WIRQ_C struct wirq_mailbox_block wirq_mailbox;                                                                       \
  struct wirq_mailbox_block wirq_mailbox = {                                                                           \
      {WIRQ_MAILBOX_MAGIC, WIRQ_MAILBOX_VERSION, sizeof(wirq_box), 0, WIRQ_MAILBOX_WORDS(lines), 0, 0, (inbox), 0, 0, \
       0, (outbox), 0, 0, {0, 0, 0}},                                                                                  \
      {0}}

/**
 * Formats the 8-aligned memory at `address` as a mailbox, as large as it fits into `bytes` (at least 96): bits for all
 * lines, and two rings of equal capacity. For modules that do not use WIRQ_MAILBOX.
 *
 * @return 0, or a WASI errno (28, EINVAL) when the memory is misaligned, too small or out of bounds.
 * @code
 * static WIRQ_ALIGNED(8) uint8_t memory[1024];
 * wirq_mailbox_open(memory, sizeof memory);
 * wirq_box *box = (wirq_box *)memory;
 * @endcode
 */
WIRQ_IMPORT("wirq/mailbox", "open") int32_t wirq_mailbox_open(void *address, int32_t bytes);

/** @return whether the host has posted since the last wirq_mailbox_take. One load: poll it as often as you like. */
WIRQ_INLINE bool wirq_mailbox_rung(const wirq_box *box) { return box->doorbell != 0; }

/**
 * Begins taking: clears the doorbell, so that a post which comes from now on rings again. Then take the bits with
 * wirq_mailbox_take_lines and the ring with wirq_mailbox_next, in this order, and no post is ever missed.
 *
 * @return whether the host had posted
 */
WIRQ_INLINE bool wirq_mailbox_take(wirq_box *box) {
  if (box->doorbell == 0) return false;
  box->doorbell = 0;
  return true;
}

/** Takes word `word` of the pending bits and clears it: bit i is line 32 * word + i. */
WIRQ_INLINE uint32_t wirq_mailbox_take_lines(wirq_box *box, uint32_t word) {
  if (word >= box->words) return 0;
  volatile uint32_t *lines = (volatile uint32_t *)(box + 1) + word;
#ifdef __wasm_atomics__
  return __atomic_exchange_n(lines, 0, __ATOMIC_ACQ_REL);
#else
  /* The host posts at safepoints only, and there is none between this load and this store. */
  uint32_t taken = *lines;
  *lines = 0;
  return taken;
#endif
}

/** Where the rings begin: behind the words of pending bits and their padding. */
WIRQ_INLINE wirq_entry *wirq_mailbox_rings(wirq_box *box) {
  return (wirq_entry *)((uintptr_t)(box + 1) + (box->words * 4 + 7) / 8 * 8);
}

/** Takes the next entry of the inbox. @return false when there is none. */
WIRQ_INLINE bool wirq_mailbox_next(wirq_box *box, wirq_entry *entry) {
  uint32_t head = box->inbox_head;
  if (head == box->inbox_tail) return false;
  __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the tail is read before the entry */
  *entry = *(wirq_mailbox_rings(box) + (head & (box->inbox_capacity - 1)));
  __atomic_thread_fence(__ATOMIC_RELEASE); /* the entry is read before its place is given back */
  box->inbox_head = head + 1;
  return true;
}

/** Writes an entry into the outbox and rings. @return false when the ring is full; the host polls it, so try again. */
WIRQ_INLINE bool wirq_mailbox_post(wirq_box *box, uint32_t kind, uint32_t number, uint64_t value) {
  uint32_t tail = box->outbox_tail;
  if (tail - box->outbox_head >= box->outbox_capacity) return false;
  wirq_entry *entry = wirq_mailbox_rings(box) + box->inbox_capacity + (tail & (box->outbox_capacity - 1));
  entry->kind = kind;
  entry->number = number;
  entry->time_ns = 0;
  entry->value = value;
  __atomic_thread_fence(__ATOMIC_RELEASE); /* the entry is complete before the tail says so */
  box->outbox_tail = tail + 1;
  box->host_doorbell = 1;
  return true;
}

/** The same, but waits while the ring is full. There must be a ring: the outbox's capacity must not be 0. */
WIRQ_INLINE void wirq_mailbox_send(wirq_box *box, uint32_t kind, uint32_t number, uint64_t value) {
  while (!wirq_mailbox_post(box, kind, number, value)) {
  }
}

/** Says that the work which line `line` asked for is done. */
WIRQ_INLINE void wirq_post_done(wirq_box *box, uint32_t line) { wirq_mailbox_send(box, WIRQ_OUTBOX_DONE, line, 0); }

/** Raises line `line`. */
WIRQ_INLINE void wirq_post_pend(wirq_box *box, uint32_t line) { wirq_mailbox_send(box, WIRQ_OUTBOX_PEND, line, 0); }

/** Drives pin `pin` to `level`, 0 or 1. */
WIRQ_INLINE void wirq_post_gpio(wirq_box *box, uint32_t pin, uint32_t level) {
  wirq_mailbox_send(box, WIRQ_OUTBOX_GPIO, pin, level);
}

/** Sends one byte through serial port `port`. */
WIRQ_INLINE void wirq_post_uart(wirq_box *box, uint32_t port, uint8_t byte) {
  wirq_mailbox_send(box, WIRQ_OUTBOX_UART, port, byte);
}

/** Sends a zero-terminated text through serial port `port`, a byte an entry. */
WIRQ_INLINE void wirq_post_text(wirq_box *box, uint32_t port, const char *text) {
  while (*text != 0) wirq_post_uart(box, port, (uint8_t)*text++);
}

/** Starts timer `timer`, which raises its line every `period_ns`; 0 stops it. */
WIRQ_INLINE void wirq_post_timer(wirq_box *box, uint32_t timer, uint64_t period_ns) {
  wirq_mailbox_send(box, WIRQ_OUTBOX_TIMER, timer, period_ns);
}

/** Ends the run with exit code `code`. The host sees it a moment later; the guest runs on until then. */
WIRQ_INLINE void wirq_post_exit(wirq_box *box, uint32_t code) { wirq_mailbox_send(box, WIRQ_OUTBOX_EXIT, 0, code); }

/** Leaves event `number` with `value` in the log, for people and scenarios to read. */
WIRQ_INLINE void wirq_post_event(wirq_box *box, uint32_t number, uint64_t value) {
  wirq_mailbox_send(box, WIRQ_OUTBOX_EVENT, number, value);
}

#endif /* WIRQ_H */
