/**
 * @file random-walk.h
 * Random walks through the controller: each seed gives a sequence of pends, masks, priorities and returns, in the thread
 * and in every handler, and after each step everything that can be read goes into a hash. One line of the log is one
 * seed. A difference between two machines shows as another hash; RANDOM_WALK_SHOWS set to the seed shows each step.
 *
 * Left out: waiting, which takes time, and faults that nothing could handle. The including file says which steps there are.
 */
#include "oracle.h"

#define SEEDS 500
#define STEPS 60
#define FIRST_LINE 26
#define LINES 6

/** Of 13 steps and these, so many are special. */
#ifndef SPECIAL_STEPS
#define SPECIAL_STEPS 1
#endif

static volatile uint32_t state;
static volatile uint32_t steps_left;
static volatile uint32_t hash;

/** Xorshift (Marsaglia, 2003). */
static uint32_t draw(uint32_t below) {
  uint32_t x = state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  state = x;
  return (x >> 8) % below;
}

static void observe(uint32_t value) {
  for (uint32_t shift = 0; shift < 32; shift += 8) hash = (hash ^ ((value >> shift) & 0xFF)) * 16777619u; /* FNV-1a */
}

#ifdef RANDOM_WALK_SHOWS
static volatile uint32_t seed_shown;
#define SHOW(what, value) \
  if (seed_shown == RANDOM_WALK_SHOWS) note(what, value)
#else
#define SHOW(what, value) (void)(value)
#endif

/** A step that this architecture has and the other has not. */
static void special_step(void);
static void observe_special(void);

static void observe_all(void) {
  uint32_t bits = 0;
  for (int32_t line = FIRST_LINE; line < FIRST_LINE + LINES; line++) {
    bits = bits << 2 | is_pending(line) << 1 | is_enabled(line);
    observe(get_priority(line));
  }
  bits = bits << 4 | is_pending(PENDSV) << 3 | is_pending(SYSTICK) << 2 | get_primask() << 1;
  observe(bits);
  observe(get_ipsr());
  SHOW("pending and enabled", bits);
  observe_special();
}

static const int32_t system_exceptions[3] = {PENDSV, SYSTICK, SVCALL};

static void step(void) {
  const uint32_t kind = draw(13 + SPECIAL_STEPS);
  const int32_t line = FIRST_LINE + (int32_t)draw(LINES);
  const uint32_t value = draw(256);
  SHOW("step", kind);
  SHOW("  line", (uint32_t)line);
  SHOW("  value", value);
  if (kind < 4) pend(line);
  else if (kind == 4) unpend(line);
  else if (kind == 5) enable(line);
  else if (kind == 6) disable(line);
  else if (kind == 7) set_priority(line, value);
  else if (kind == 8) set_priority(system_exceptions[draw(3)], value);
  else if (kind == 9) pend(value < 120 ? PENDSV : value < 240 ? SYSTICK : NMI);
  else if (kind == 10) unpend(value < 128 ? PENDSV : SYSTICK);
  else if (kind == 11) set_primask(value < 80);
  else if (kind == 12) enable(line);
  else special_step();
  observe_all();
}

static void in_handler(void) {
  const uint32_t exception = get_ipsr();
  SHOW("enter", exception);
  observe(0x1000 + exception);
  for (uint32_t count = draw(5); count > 0 && steps_left > 0; count--) {
    steps_left--;
    step();
  }
  observe(0x2000 + exception);
  SHOW("leave", exception);
}

PORT_HANDLER(IRQ26_Handler) { in_handler(); }
PORT_HANDLER(IRQ27_Handler) { in_handler(); }
PORT_HANDLER(IRQ28_Handler) { in_handler(); }
PORT_HANDLER(IRQ29_Handler) { in_handler(); }
PORT_HANDLER(IRQ30_Handler) { in_handler(); }
PORT_HANDLER(IRQ31_Handler) { in_handler(); }
PORT_HANDLER(PendSV_Handler) { in_handler(); }
PORT_HANDLER(SysTick_Handler) { in_handler(); }
PORT_HANDLER(SVC_Handler) { in_handler(); }
PORT_HANDLER(NMI_Handler) { in_handler(); }
PORT_HANDLER(HardFault_Handler) { in_handler(); }

static void special_reset(void);

/** Lets everything that still waits be taken, then makes all as after a reset. */
static void settle_down(void) {
  set_primask(0);
  special_reset();
  for (int32_t line = FIRST_LINE; line < FIRST_LINE + LINES; line++) enable(line);
  observe_all();
  for (int32_t line = FIRST_LINE; line < FIRST_LINE + LINES; line++) {
    disable(line);
    set_priority(line, 0);
  }
  for (uint32_t i = 0; i < 3; i++) set_priority(system_exceptions[i], 0);
}

static void scenario(void) {
  for (uint32_t seed = 1; seed <= SEEDS; seed++) {
#ifdef RANDOM_WALK_SHOWS
    seed_shown = seed;
#endif
    state = seed * 2654435761u;
    hash = 2166136261u;
    steps_left = STEPS;
    while (steps_left > 0) {
      steps_left--;
      step();
    }
    settle_down();
    oracle_line("hash of ", "seed ", seed);
    oracle_line("  ", "", hash);
    flush();
  }
}
