// build: clang -isystem sdk/c
// A profiler in a handler: SIGPROF comes every millisecond of work and notes in which part of the computation it came.
// In virtual time the samples are the same on every run; a plain loop has no idea that it is watched.
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

enum part { SIEVING, SORTING, HASHING, PARTS };
static const char *const names[PARTS] = {"sieving", "sorting", "hashing"};
static volatile enum part part;
static volatile unsigned samples[PARTS];

static void on_profile(int signal) {
  (void)signal;
  samples[part]++;
}

#define LIMIT 200000
static unsigned char composite[LIMIT];
static unsigned numbers[2000];

static unsigned sieve(void) {
  unsigned primes = 0;
  for (unsigned n = 2; n < LIMIT; n++) {
    if (composite[n]) continue;
    primes++;
    for (unsigned multiple = 2 * n; multiple < LIMIT; multiple += n) composite[multiple] = 1;
  }
  return primes;
}

static unsigned sort(void) {
  unsigned count = sizeof numbers / sizeof numbers[0], seed = 1;
  for (unsigned i = 0; i < count; i++) numbers[i] = seed = seed * 1664525u + 1013904223u;
  for (unsigned i = 1; i < count; i++) {
    unsigned value = numbers[i], at = i;
    for (; at > 0 && numbers[at - 1] > value; at--) numbers[at] = numbers[at - 1];
    numbers[at] = value;
  }
  return numbers[count / 2];
}

static unsigned hash(void) {
  unsigned state = 2166136261u;
  for (unsigned round = 0; round < 10; round++)
    for (unsigned i = 0; i < LIMIT; i++) state = (state ^ composite[i]) * 16777619u;
  return state;
}

int main(void) {
  struct sigaction action = {0};
  action.sa_handler = on_profile;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGPROF, &action, NULL);
  struct itimerval every = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_PROF, &every, NULL);

  part = SIEVING;
  unsigned primes = sieve();
  part = SORTING;
  unsigned median = sort();
  part = HASHING;
  unsigned digest = hash();

  setitimer(ITIMER_PROF, &never, NULL);
  printf("%u primes, median %u, hash %08x\n", primes, median, digest);
  unsigned all = 0;
  for (int i = 0; i < PARTS; i++) all += samples[i];
  if (all == 0) return 1; // too quick a machine
  for (int i = 0; i < PARTS; i++) printf("%-8s %3u%%\n", names[i], (samples[i] * 100 + all / 2) / all);
  return 0;
}
