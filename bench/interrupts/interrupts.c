// build: clang -isystem sdk/c -mexec-model=reactor -Wl,--export=wirq_handler_stack
// Loops for one-interrupt.ts: an interrupt pended and handled at once, the same handler called by the host, bursts of lines
// handled one after the other, and the tick of a machine that sleeps.
#include <wirq.h>
#define EXPORT(name) __attribute__((export_name(#name)))

__attribute__((import_module("bench"), import_name("nested"))) void nested(void);

WIRQ_HANDLER_STACK(4096);

EXPORT(handle) void handle(void) {}

static volatile unsigned ticks;

EXPORT(SysTick_Handler) void tick(void) { ticks++; }

static void handleAll(unsigned lines) {
  for (unsigned line = 0; line < lines; line++) {
    NVIC_SetVector((IRQn_Type)line, (uint32_t)(uintptr_t)handle);
    NVIC_EnableIRQ((IRQn_Type)line);
  }
}

EXPORT(calls) unsigned calls(unsigned n) {
  for (unsigned i = 0; i < n; i++) nested();
  return n;
}

EXPORT(pends) unsigned pends(unsigned n) {
  handleAll(1);
  for (unsigned i = 0; i < n; i++) NVIC_SetPendingIRQ((IRQn_Type)0);
  return n;
}

// As many interrupts as `n`, in bursts of `lines` that PRIMASK holds back until all are pending.
EXPORT(bursts) unsigned bursts(unsigned n, unsigned lines) {
  handleAll(lines);
  for (unsigned i = 0; i < n; i += lines) {
    __disable_irq();
    for (unsigned line = 0; line < lines; line++) NVIC_SetPendingIRQ((IRQn_Type)line);
    __enable_irq();
  }
  return n;
}

// One interrupt at a time, while `lines` others are pending and masked.
EXPORT(crowded) unsigned crowded(unsigned n, unsigned lines) {
  handleAll(lines + 1);
  __set_BASEPRI(0x80);
  for (unsigned line = 1; line <= lines; line++) {
    NVIC_SetPriority((IRQn_Type)line, 0x80);
    NVIC_SetPendingIRQ((IRQn_Type)line);
  }
  for (unsigned i = 0; i < n; i++) NVIC_SetPendingIRQ((IRQn_Type)0);
  return n;
}

EXPORT(sleeps) unsigned sleeps(unsigned n, unsigned cycles) {
  SysTick_Config(cycles);
  while (ticks < n) __WFI();
  return ticks;
}
