// build: clang -O2 -nostdlib -Wl,--no-entry
// A receiver for NMEA 0183 sentences fed one byte at a time, as a UART handler feeds it: start, fields, checksum.
// Follows the sentence form "$...*hh" with an exclusive-or checksum. Character: a switch per byte (br_table).
// n: passes over 8 KiB of traffic with line noise.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum state { IDLE, TALKER, FIELD, NUMBER, FRACTION, CHECK_HIGH, CHECK_LOW, END };
typedef struct {
  enum state state;
  uint8_t check, given, fields;
  uint32_t number, scale;
  uint32_t good, bad, total;
} receiver;

enum { SIZE = 8192 };
static uint8_t traffic[SIZE];

static int hex(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static void finish_number(receiver *r) {
  r->total = r->total * 31 + r->number * 10 + r->scale;
  r->number = 0;
  r->scale = 0;
  r->state = FIELD;
}

static void feed(receiver *r, uint8_t c) {
  if (c == '$') {
    if (r->state != IDLE) r->bad++;
    r->state = TALKER;
    r->check = r->fields = 0;
    r->number = r->scale = 0;
    return;
  }
  if (c == '*' && r->state != IDLE) {
    r->state = CHECK_HIGH;
    return;
  }
  if (r->state >= TALKER && r->state <= FRACTION) r->check ^= c;
  switch (r->state) {
    case IDLE:
      break;
    case TALKER:
      if (c == ',') r->state = FIELD;
      else if (c < 'A' || c > 'Z') r->state = IDLE, r->bad++;
      break;
    case FIELD:
      if (c >= '0' && c <= '9') r->state = NUMBER, r->number = c - '0';
      else if (c == ',') r->fields++;
      break;
    case NUMBER:
      if (c >= '0' && c <= '9') r->number = r->number * 10 + (c - '0');
      else if (c == '.') r->state = FRACTION;
      else r->fields++, finish_number(r);
      break;
    case FRACTION:
      if (c >= '0' && c <= '9') r->number = r->number * 10 + (c - '0'), r->scale++;
      else r->fields++, finish_number(r);
      break;
    case CHECK_HIGH:
      r->given = (uint8_t)(hex(c) * 16);
      r->state = CHECK_LOW;
      break;
    case CHECK_LOW:
      r->given = (uint8_t)(r->given + hex(c));
      r->state = END;
      break;
    case END:
      if (c == '\r') break;
      if (c == '\n' && r->given == r->check) r->good++;
      else r->bad++;
      r->state = IDLE;
      break;
  }
}

static int put(int at, const char *text) {
  for (; *text != 0 && at < SIZE; text++) traffic[at++] = (uint8_t)*text;
  return at;
}

// 0, or the number of the first known answer that is missed (a sentence with the widely published checksum 47).
EXPORT(selftest) int32_t selftest(void) {
  receiver r = {0};
  int end = put(0, "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"
                   "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*48\r\n");
  for (int i = 0; i < end; i++) feed(&r, traffic[i]);
  if (r.good != 1) return 1;
  if (r.bad != 1) return 2;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  receiver r = {0};
  int at = 0;
  uint32_t seed = 1;
  while (at < SIZE) {
    at = put(at, "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n");
    at = put(at, "$GPGLL,4916.45,N,12311.12,W,225444,A*31\r\nnoise~~");
    at = put(at, "$GPRMC,225446,A,4916.45,N,12311.12,W,000.5,054.7,191194,020.3,E*68\r\n");
  }
  for (int i = 0; i < SIZE / 64; i++) {
    seed = seed * 1664525u + 1013904223u;
    traffic[seed % SIZE] = (uint8_t)(seed >> 24);
  }
  for (int32_t pass = 0; pass < n; pass++) {
    for (int i = 0; i < SIZE; i++) feed(&r, traffic[i]);
  }
  return (int32_t)(r.total * 31 + r.good * 7 + r.bad);
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
