/*
 * A plain WASI program that computes and prints, and knows nothing of wirq: no header, no import of it. It only exports
 * a function under the name that makes it the handler of line 7. It runs in any WASI runtime; where nobody interrupts
 * it, it says so.
 */
#include <stdint.h>
#include <stdio.h>

#define LIMIT 1000000

static uint8_t composite[LIMIT];
static volatile unsigned interrupts;

__attribute__((export_name("IRQ7_Handler"))) void IRQ7_Handler(void) { interrupts++; }

static unsigned count_primes(void) {
  unsigned primes = 0;
  for (uint32_t n = 2; n < LIMIT; n++) {
    if (composite[n]) continue;
    primes++;
    for (uint64_t multiple = (uint64_t)n * n; multiple < LIMIT; multiple += n) composite[multiple] = 1;
  }
  return primes;
}

int main(void) {
  unsigned primes = count_primes();
  printf("%u primes below %d; interrupted %u times\n", primes, LIMIT, interrupts);
  return 0;
}
