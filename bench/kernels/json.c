// build: clang -O2 -nostdlib -Wl,--no-entry
// A streaming JSON tokenizer: strings with escapes, numbers, literals, nesting; no tree, only events and a hash.
// Follows RFC 8259's grammar. Character: byte-stream parsing, many short loops. n: passes over a 6 KiB document.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIZE = 6144, MAX_DEPTH = 64 };
static uint8_t document[SIZE];
static uint32_t length;
static const uint8_t *at, *end;
static uint32_t events, digest;

static void emit(uint32_t what) {
  events++;
  digest = digest * 16777619u ^ what;
}

static void skip_space(void) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) at++;
}

static int hex4(uint32_t *value) {
  *value = 0;
  for (int i = 0; i < 4; i++, at++) {
    if (at >= end) return 0;
    uint8_t c = *at;
    uint32_t digit;
    if (c >= '0' && c <= '9') digit = c - '0';
    else if ((c | 32) >= 'a' && (c | 32) <= 'f') digit = (c | 32) - 'a' + 10u;
    else return 0;
    *value = *value * 16 + digit;
  }
  return 1;
}

static int string(void) {
  uint32_t hash = 2166136261u;
  for (at++; at < end && *at != '"';) {
    uint32_t c = *at++;
    if (c < 0x20) return 0;
    if (c == '\\') {
      if (at >= end) return 0;
      c = *at++;
      if (c == 'u') {
        if (!hex4(&c)) return 0;
      } else if (c == 'n') {
        c = '\n';
      } else if (c == 't') {
        c = '\t';
      } else if (c != '"' && c != '\\' && c != '/' && c != 'b' && c != 'f' && c != 'r') {
        return 0;
      }
    }
    hash = (hash ^ c) * 16777619u;
  }
  if (at >= end) return 0;
  at++;
  emit(hash);
  return 1;
}

static int digits(uint32_t *value) {
  const uint8_t *from = at;
  for (; at < end && *at >= '0' && *at <= '9'; at++) *value = *value * 10 + (*at - '0');
  return at > from;
}

static int number(void) {
  uint32_t value = 0;
  if (*at == '-') at++, value = 7;
  if (at < end && *at == '0') at++;
  else if (!digits(&value)) return 0;
  if (at < end && *at == '.') {
    at++;
    if (!digits(&value)) return 0;
  }
  if (at < end && (*at | 32) == 'e') {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    if (!digits(&value)) return 0;
  }
  emit(value);
  return 1;
}

static int literal(const char *word) {
  for (; *word != 0; word++, at++) {
    if (at >= end || *at != (uint8_t)*word) return 0;
  }
  emit((uint32_t)word[-1]);
  return 1;
}

static int value(int depth);

static int members(uint8_t close, int depth) {
  at++;
  skip_space();
  if (at < end && *at == close) {
    at++;
    return 1;
  }
  for (;;) {
    if (close == '}') {
      skip_space();
      if (at >= end || *at != '"' || !string()) return 0;
      skip_space();
      if (at >= end || *at++ != ':') return 0;
    }
    if (!value(depth + 1)) return 0;
    if (at >= end) return 0;
    uint8_t c = *at++;
    if (c == close) {
      emit(close);
      return 1;
    }
    if (c != ',') return 0;
  }
}

static int value(int depth) {
  skip_space();
  if (at >= end || depth > MAX_DEPTH) return 0;
  int ok;
  switch (*at) {
    case '{': ok = members('}', depth); break;
    case '[': ok = members(']', depth); break;
    case '"': ok = string(); break;
    case 't': ok = literal("true"); break;
    case 'f': ok = literal("false"); break;
    case 'n': ok = literal("null"); break;
    default: ok = number(); break;
  }
  skip_space();
  return ok;
}

static int parse(uint32_t size) {
  at = document;
  end = document + size;
  events = 0;
  digest = 0;
  return value(0) && at == end;
}

static uint32_t put(uint32_t to, const char *text) {
  for (; *text != 0; text++) document[to++] = (uint8_t)*text;
  return to;
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  if (!parse(put(0, " {\"a\": [1, -2.5e3, true], \"b\": \"x\\u0041\\n\"} ")) || events != 8) return 1;
  if (parse(put(0, "[1,]"))) return 2;
  if (parse(put(0, "{\"a\" 1}"))) return 3;
  if (parse(put(0, "\"open"))) return 4;
  if (!parse(put(0, "[[],{},null]")) || events != 2) return 5;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  length = put(0, "[");
  while (length < SIZE - 220) {
    length = put(length, "{\"line\": 17, \"name\": \"UART0 \\\"receive\\\"\", \"enabled\": true,\n  \"priority\": 128, ");
    length = put(length, "\"latency\": [0.125, 3.5e-2, -17, 40960], \"owner\": null, \"tags\": [\"io\", \"\\u00e9\"]},\n");
  }
  length = put(length, "false]");
  for (int32_t pass = 0; pass < n; pass++) {
    document[10] = (uint8_t)('1' + pass % 9);
    if (!parse(length)) return -1;
    sum = sum * 31 + digest;
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
