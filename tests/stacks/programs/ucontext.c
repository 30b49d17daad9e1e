// build: clang -isystem sdk/c
// What <ucontext.h> promises: contexts made, swapped, ended into their link, and what is refused.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static ucontext_t here, coroutine, other, third;
static char stack[3][16384];

static void make(ucontext_t *context, int which, ucontext_t *link) {
  getcontext(context);
  context->uc_stack.ss_sp = stack[which];
  context->uc_stack.ss_size = sizeof stack[which];
  context->uc_link = link;
}

static void counts(int from, int to) {
  for (int i = from; i < to; i++) {
    printf("count %d\n", i);
    swapcontext(&coroutine, &here);
  }
}

static void eight(int a, int b, int c, int d, int e, int f, int g, const char *text) {
  printf("%d%d%d%d%d%d%d %s\n", a, b, c, d, e, f, g, text);
}

static void first(void) {
  puts("first");
  swapcontext(&coroutine, &other);
  puts("first again");
}

static void second(void) {
  puts("second");
  setcontext(&coroutine);
  puts("never");
}

static void deep(int n) {
  char frame[64];
  memset(frame, n, sizeof frame);
  if (n > 0) deep(n - 1);
  else swapcontext(&third, &here);
  for (unsigned i = 0; i < sizeof frame; i++)
    if (frame[i] != (char)n) puts("overwritten");
}

static int is_blocked(int signal) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  return sigismember(&mask, signal);
}

static void masked(void) {
  printf("masked inside: %d\n", is_blocked(SIGUSR1));
  swapcontext(&coroutine, &here);
  printf("masked inside again: %d\n", is_blocked(SIGUSR1));
}

static void masks(void) {
  sigset_t set;
  make(&coroutine, 0, &here);
  sigaddset(&coroutine.uc_sigmask, SIGUSR1);
  makecontext(&coroutine, masked, 0);
  swapcontext(&here, &coroutine);
  printf("outside: %d\n", is_blocked(SIGUSR1));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  swapcontext(&here, &coroutine);
  printf("outside: %d %d\n", is_blocked(SIGUSR1), is_blocked(SIGUSR2));
}

static void ends(void) { puts("the last"); }

int main(void) {
  make(&coroutine, 0, &here);
  makecontext(&coroutine, (void (*)(void))counts, 2, 3, 5);
  for (int i = 0; i < 3; i++) swapcontext(&here, &coroutine);
  printf("ended: %d", swapcontext(&here, &coroutine));
  printf(" %s\n", errno == EINVAL ? "EINVAL" : "?");

  make(&coroutine, 0, &here);
  makecontext(&coroutine, (void (*)(void))eight, 8, 1, 2, 3, 4, 5, 6, 7, "eight");
  swapcontext(&here, &coroutine);

  make(&coroutine, 0, &here);
  makecontext(&coroutine, first, 0);
  make(&other, 1, NULL);
  makecontext(&other, second, 0);
  swapcontext(&here, &coroutine);

  make(&third, 2, &here);
  makecontext(&third, (void (*)(void))deep, 1, 30);
  swapcontext(&here, &third);
  deep(10);
  swapcontext(&here, &third);

  for (int i = 0; i < 1000; i++) { // each frees the one before
    make(&third, 2, &here);
    makecontext(&third, (void (*)(void))deep, 1, 2);
    swapcontext(&here, &third);
  }
  masks();

  getcontext(&here);
  printf("here: %d", setcontext(&here));
  printf(" %s\n", errno == ENOTSUP ? "ENOTSUP" : "?");

  make(&coroutine, 0, NULL);
  makecontext(&coroutine, ends, 0);
  setcontext(&coroutine);
  puts("never");
}
