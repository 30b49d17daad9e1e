// The start of a scenario on a Cortex-M: the vector table, and what runs before `oracle_main`. See arm-port.h.
// Follows the ARMv7-M Architecture Reference Manual, B1.5.3 (the vector table). Leaves out initialised data: scenarios
// have none. The table is copied to memory, so that a scenario can set a vector.
#include <stdint.h>

extern uint32_t oracle_stack_top[];
extern uint32_t oracle_zero_start[];
extern uint32_t oracle_zero_end[];
__attribute__((noreturn)) void oracle_main(void);

/** An exception without a handler ends the run, with a line that no other machine gives. */
static void unhandled(void) {
  register uint32_t r0 __asm("r0") = 0x04;
  register const char *r1 __asm("r1") = "an exception without a handler\n";
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  for (;;) {
    r0 = 0x18;
    r1 = (const char *)0x20026;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  }
}

#define WEAK(name) __attribute__((weak, alias("unhandled"))) void name(void)
WEAK(NMI_Handler);
WEAK(HardFault_Handler);
WEAK(SVC_Handler);
WEAK(PendSV_Handler);
WEAK(SysTick_Handler);
WEAK(IRQ5_Handler);
WEAK(IRQ26_Handler);
WEAK(IRQ27_Handler);
WEAK(IRQ28_Handler);
WEAK(IRQ29_Handler);
WEAK(IRQ30_Handler);
WEAK(IRQ31_Handler);

__attribute__((noreturn)) static void reset(void);

#define UNHANDLED_8 (uint32_t) unhandled, (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)unhandled, \
                    (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)unhandled

__attribute__((section(".vectors"), used)) static const uint32_t reset_vectors[48] = {
  (uint32_t)oracle_stack_top, (uint32_t)reset, (uint32_t)NMI_Handler, (uint32_t)HardFault_Handler,
  (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)unhandled, 0,
  0, 0, 0, (uint32_t)SVC_Handler,
  (uint32_t)unhandled, 0, (uint32_t)PendSV_Handler, (uint32_t)SysTick_Handler,
  (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)unhandled,
  (uint32_t)unhandled, (uint32_t)IRQ5_Handler, (uint32_t)unhandled, (uint32_t)unhandled, UNHANDLED_8, UNHANDLED_8,
  (uint32_t)unhandled, (uint32_t)unhandled, (uint32_t)IRQ26_Handler, (uint32_t)IRQ27_Handler,
  (uint32_t)IRQ28_Handler, (uint32_t)IRQ29_Handler, (uint32_t)IRQ30_Handler, (uint32_t)IRQ31_Handler,
};

__attribute__((aligned(256))) uint32_t oracle_vectors[48];

static void reset(void) {
  for (volatile uint32_t *word = oracle_zero_start; word < oracle_zero_end; word++) *word = 0;
  for (uint32_t n = 0; n < 48; n++) ((volatile uint32_t *)oracle_vectors)[n] = reset_vectors[n];
  *(volatile uint32_t *)0xE000ED08 = (uint32_t)oracle_vectors; /* VTOR */
  __asm volatile("dsb\n\tisb" ::: "memory");
  oracle_main();
}
