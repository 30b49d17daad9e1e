// build: clang -O2 -nostdlib -Wl,--no-entry
// An interpreter for a small stack machine running a prime sieve and a loop of arithmetic, with a switch per opcode.
// Character: one big loop around a br_table, the shape of every bytecode engine. n: runs of the byte program.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum op { HALT, PUSH, LOAD, STORE, FETCH, PUT, ADD, SUB, MUL, AND, LESS, JUMP, JUMP_ZERO, DUP };
enum { CELLS = 512 };
static int32_t cells[CELLS];

static int32_t interpret(const int16_t *code, int32_t fuel) {
  int32_t variables[8] = {0};
  int32_t stack[32];
  int32_t sp = 0;
  const int16_t *pc = code;
  while (fuel-- > 0) {
    switch ((enum op)*pc++) {
      case HALT: return sp > 0 ? stack[sp - 1] : 0;
      case PUSH: stack[sp++ & 31] = *pc++; break;
      case LOAD: stack[sp++ & 31] = variables[*pc++ & 7]; break;
      case STORE: variables[*pc++ & 7] = stack[--sp & 31]; break;
      case FETCH: stack[(sp - 1) & 31] = cells[stack[(sp - 1) & 31] & (CELLS - 1)]; break;
      case PUT: sp -= 2; cells[stack[(sp + 1) & 31] & (CELLS - 1)] = stack[sp & 31]; break;
      case ADD: sp--; stack[(sp - 1) & 31] += stack[sp & 31]; break;
      case SUB: sp--; stack[(sp - 1) & 31] -= stack[sp & 31]; break;
      case MUL: sp--; stack[(sp - 1) & 31] *= stack[sp & 31]; break;
      case AND: sp--; stack[(sp - 1) & 31] &= stack[sp & 31]; break;
      case LESS: sp--; stack[(sp - 1) & 31] = stack[(sp - 1) & 31] < stack[sp & 31]; break;
      case JUMP: pc = code + *pc; break;
      case JUMP_ZERO: pc = stack[--sp & 31] == 0 ? code + *pc : pc + 1; break;
      case DUP: stack[sp & 31] = stack[(sp - 1) & 31]; sp++; break;
    }
  }
  return -1;
}

// Counts primes below 500. Variable 0 is the candidate, 1 the multiple, 2 the count; cell j is 1 when j is composite.
static const int16_t sieve[] = {
    PUSH, 2, STORE, 0,                        //  0: i = 2
    LOAD, 0, PUSH,  500, LESS, JUMP_ZERO, 59, //  4: while (i < 500) {
    LOAD, 0, FETCH, JUMP_ZERO, 18,            // 11:   if (cells[i] != 0)
    JUMP, 50,                                 // 16:     continue
    LOAD, 2, PUSH,  1,   ADD,  STORE,     2,  // 18:   count++
    LOAD, 0, STORE, 1,                        // 25:   j = i
    LOAD, 1, PUSH,  500, LESS, JUMP_ZERO, 50, // 29:   while (j < 500) {
    PUSH, 1, LOAD,  1,   PUT,                 // 36:     cells[j] = 1
    LOAD, 1, LOAD,  0,   ADD,  STORE,     1,  // 41:     j += i
    JUMP, 29,                                 // 48:   }
    LOAD, 0, PUSH,  1,   ADD,  STORE,     0,  // 50:   i++
    JUMP, 4,                                  // 57: }
    LOAD, 2, HALT};                           // 59: count

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  static const int16_t sums[] = {PUSH, 6, PUSH, 7, MUL, DUP, PUSH, 2, SUB, ADD, HALT};
  if (interpret(sums, 100) != 82) return 1;
  if (interpret(sums, 3) != -1) return 2;
  for (int i = 0; i < CELLS; i++) cells[i] = 0;
  if (interpret(sieve, 1000000) != 95) return 3;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < CELLS; i++) cells[i] = 0;
    sum = sum * 31 + (uint32_t)interpret(sieve, 1000000);
    sum += (uint32_t)cells[round & (CELLS - 1)];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
