// build: clang -O2 -nostdlib -Wl,--no-entry
// Firmware as it is mostly written: a main loop entered once that samples, filters, controls and logs for ever, all in
// one function. Follows the textbook forms of a median filter, a PID controller and a protocol watchdog.
// Character: one long-lived frame, so an engine that only optimises at the next call never optimises it. n: turns.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { LOG = 1024, TARGET = 2500 };
enum mode { WARMING, HOLDING, COOLING, FAULT };
static int16_t logged[LOG];

static inline int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

EXPORT(run) int32_t run(int32_t n) {
  uint32_t noise = 1, sum = 0, crc = 0xFFFF;
  int32_t temperature = 2000 << 8, a = 2000, b = 2000, integral = 0, last_error = 0, drive = 0;
  uint32_t at = 0, quiet = 0;
  enum mode mode = WARMING;
  for (int32_t turn = 0; turn < n; turn++) {
    // The plant: heats with the drive, loses to the room, and the sensor is noisy.
    temperature += drive / 4 - (temperature - (1800 << 8)) / 256;
    noise = noise * 1664525u + 1013904223u;
    int32_t c = (temperature >> 8) + (int32_t)(noise >> 28) - 8;
    if ((noise >> 8 & 1023) == 0) c += 900;
    // Median of three takes the spikes out.
    int32_t median = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
    a = b;
    b = c;
    int32_t error = TARGET - median;
    integral = clamp(integral + error, -20000, 20000);
    drive = clamp(error * 12 + integral / 8 + (error - last_error) * 20, 0, 32767);
    last_error = error;
    switch (mode) {
      case WARMING:
        if (error < 20) mode = HOLDING;
        break;
      case HOLDING:
        quiet = error > -40 && error < 40 ? quiet + 1 : 0;
        if (quiet > 500) mode = COOLING, quiet = 0;
        if (error < -800) mode = FAULT;
        break;
      case COOLING:
        drive = 0;
        if (error > 200) mode = WARMING;
        break;
      case FAULT:
        drive = 0;
        if (++quiet > 100) mode = WARMING, quiet = 0;
        break;
    }
    logged[at] = (int16_t)median;
    at = (at + 1) & (LOG - 1);
    // A frame of eight log bytes every 64 turns, with CRC-16/CCITT bit by bit, as small parts do it.
    if ((turn & 63) == 0) {
      for (uint32_t i = 0; i < 8; i++) {
        crc ^= (uint32_t)(uint8_t)logged[(at - 1 - i) & (LOG - 1)] << 8;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1 & 0xFFFF;
      }
    }
    sum = sum * 31 + (uint32_t)drive + (uint32_t)mode;
  }
  return (int32_t)(sum ^ crc);
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
