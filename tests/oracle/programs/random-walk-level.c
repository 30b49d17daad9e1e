// 500 random sequences of 60 steps with a level-triggered line: asserted and released, pended and cleared, nested.
// build: clang -nostdlib
// sentence: All of it together
// manual: ARMv7-M B1.5, B3.4
// on: cortex-m3
#define SPECIAL_STEPS 6
#include "random-walk.h"

/** Without a release its handler would be entered for ever. */
PORT_HANDLER(IRQ5_Handler) {
  in_handler();
  if (draw(2) == 0 || steps_left == 0) release_level();
  observe_all();
}

static void special_step(void) {
  const uint32_t kind = draw(12);
  const uint32_t value = draw(256);
  SHOW("  special", kind);
  SHOW("  with", value);
  if (kind < 4) assert_level();
  else if (kind == 4) release_level();
  else if (kind == 5) disable(LEVEL_LINE);
  else if (kind == 6) pend(LEVEL_LINE);
  else if (kind == 7) unpend(LEVEL_LINE);
  else if (kind == 8) set_priority(LEVEL_LINE, value);
  else enable(LEVEL_LINE);
}

static void observe_special(void) {
  const uint32_t bits = is_active(LEVEL_LINE) << 2 | is_pending(LEVEL_LINE) << 1 | is_enabled(LEVEL_LINE);
  observe(bits);
  SHOW("level line", bits);
}

static void special_reset(void) {
  release_level();
  enable(LEVEL_LINE);
  disable(LEVEL_LINE);
  set_priority(LEVEL_LINE, 0);
}
