// build: clang -isystem sdk/c
// A long computation that can be interrupted with Ctrl-C: SIGINT has it save how far it came, and end in good order.
// An ordinary program: `cc sigint-cleanup.c && ./a.out` does the same. Run with a directory to save into:
//   npx wirq --dir . --signal SIGINT@2s sigint-cleanup.wasm
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define CHECKPOINT "collatz.txt"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
  (void)signal;
  interrupted = 1; // nothing else is safe here: the computation may be in the middle of anything
}

static unsigned collatz_length(unsigned long long n) {
  unsigned length = 1;
  for (; n != 1; length++) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return length;
}

static int save(unsigned long long next, unsigned long long best, unsigned best_length) {
  FILE *file = fopen(CHECKPOINT, "w");
  if (file == NULL) return -1;
  fprintf(file, "%llu %llu %u\n", next, best, best_length);
  return fclose(file);
}

int main(void) {
  unsigned long long next = 1, best = 1;
  unsigned best_length = 1;
  FILE *file = fopen(CHECKPOINT, "r");
  if (file != NULL) {
    if (fscanf(file, "%llu %llu %u", &next, &best, &best_length) == 3) printf("going on from %llu\n", next);
    fclose(file);
  }

  struct sigaction action = {0};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESETHAND; // a second Ctrl-C ends it at once
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);

  for (; next < 10000000 && !interrupted; next++) {
    unsigned length = collatz_length(next);
    if (length > best_length) {
      best = next;
      best_length = length;
    }
  }

  if (!interrupted) {
    printf("the longest below 10000000 starts at %llu and has %u steps\n", best, best_length);
    return 0;
  }
  printf("interrupted before %llu; the longest so far starts at %llu and has %u steps\n", next, best, best_length);
  if (save(next, best, best_length) == 0) puts("saved");
  else printf("not saved: %s\n", strerror(errno));
  return 130; // as a shell expects of a program that SIGINT ended
}
