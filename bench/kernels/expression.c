// build: clang -O2 -nostdlib -Wl,--no-entry
// Parses and evaluates arithmetic expressions by recursive descent: + - * / % ( ), unary minus, variables a to z.
// Character: mutual recursion over a byte stream, unpredictable branches. n: times the set of formulas is evaluated.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static const char *at;
static int32_t variables[26];
static int32_t errors;

static int32_t sum(void);

static char look(void) {
  while (*at == ' ') at++;
  return *at;
}

static int32_t factor(void) {
  char c = look();
  if (c == '-') {
    at++;
    return (int32_t)(0u - (uint32_t)factor());
  }
  if (c == '(') {
    at++;
    int32_t value = sum();
    if (look() == ')') at++;
    else errors++;
    return value;
  }
  if (c >= 'a' && c <= 'z') return variables[*at++ - 'a'];
  if (c < '0' || c > '9') {
    errors++;
    return 0;
  }
  uint32_t value = 0;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (uint32_t)(*at - '0');
  return (int32_t)value;
}

static int32_t term(void) {
  int32_t value = factor();
  for (;;) {
    char c = look();
    if (c != '*' && c != '/' && c != '%') return value;
    at++;
    int32_t right = factor();
    if (c == '*') {
      value = (int32_t)((uint32_t)value * (uint32_t)right);
    } else if (right == 0 || right == -1) {
      if (right == 0) errors++;
    } else {
      value = c == '/' ? value / right : value % right;
    }
  }
}

static int32_t sum(void) {
  int32_t value = term();
  for (;;) {
    char c = look();
    if (c != '+' && c != '-') return value;
    at++;
    int32_t right = term();
    value = c == '+' ? (int32_t)((uint32_t)value + (uint32_t)right) : (int32_t)((uint32_t)value - (uint32_t)right);
  }
}

static int32_t evaluate(const char *text) {
  at = text;
  int32_t value = sum();
  if (look() != 0) errors++;
  return value;
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  errors = 0;
  variables[0] = 6;
  if (evaluate("1 + 2 * 3") != 7) return 1;
  if (evaluate("(1 + 2) * 3 - -4") != 13) return 2;
  if (evaluate("100 / 7 % 5 * a") != 24) return 3;
  if (evaluate("10 - 4 - 3") != 3) return 4;
  if (errors != 0) return 5;
  evaluate("2 * (3");
  return errors == 1 ? 0 : 6;
}

EXPORT(run) int32_t run(int32_t n) {
  static const char *const formulas[] = {
      "a * x * x + b * x + c - (d - 1) * 4",
      "((((1 + x) * 2 + y) * 3 + z) * 4 + a) % 1000003",
      "12345 * 678 / (90 + x % 7) - 11 * (22 - 33 * (44 + y))",
      "-(a - b) * -(c - d) + (x * y - y * z) / (1 + a * a)",
      "x + y + z + a + b + c + d + 1 + 22 + 333 + 4444 + 55555"};
  uint32_t total = 0;
  errors = 0;
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < 26; i++) variables[i] = round * (i + 1) & 1023;
    for (int i = 0; i < 5; i++) total = total * 31 + (uint32_t)evaluate(formulas[i]);
  }
  return (int32_t)(total + (uint32_t)errors);
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
