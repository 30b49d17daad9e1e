// build: clang -g -gdwarf-4 -O1 -nostdlib -Wl,--no-entry
// Traps in a function of another file, two calls deep. See tests/wasm/debug-line.test.ts.
#include "sensor.h"

__attribute__((export_name("check"))) int check(int channel) {
  if (channel > 7) return -1;
  int result = average(channel);
  return result + 1;
}

__attribute__((export_name("set"))) void set(int value) { reading = value; }
