// Needs `wirq/stack`: a stack of its own for each generator, and a switch in the middle of a call (--stacks wasmfx, jspi or asyncify).
// build: clang -Wl,--export=wirq_stack_bytes
// Generators in C: a function that gives one value at a time and stays where it is in between, however deep in calls and
// loops. `next` switches to its stack, `give` switches back. One walks a tree by plain recursion, which needs no stack of
// its own making; two such walks are compared step by step, which plain recursion cannot do at all.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "wirq-task.h"

WIRQ_STACK_BYTES(4096);

struct generator {
  int stack;
  void (*body)(struct generator *, const void *);
  const void *argument;
  int value;
};

static void begin(void *argument) {
  struct generator *generator = argument;
  generator->body(generator, generator->argument);
} // its stack goes back to 0 and is gone

static void generate(struct generator *generator, void (*body)(struct generator *, const void *), const void *argument) {
  generator->body = body;
  generator->argument = argument;
  generator->stack = wirq_stack_new(begin, generator);
}

/* The next value in generator->value; false when there is none. */
static bool next(struct generator *generator) {
  if (!wirq_stack_alive(generator->stack)) return false;
  wirq_stack_switch(generator->stack);
  return wirq_stack_alive(generator->stack);
}

static void give(struct generator *generator, int value) {
  generator->value = value;
  wirq_stack_switch(0);
}

static void fibonacci(struct generator *generator, const void *nothing) {
  (void)nothing;
  for (int a = 0, b = 1;; b += a, a = b - a) give(generator, a);
}

struct tree {
  struct tree *left, *right;
  int value;
};

static struct tree *insert(struct tree *tree, int value) {
  if (tree == NULL) {
    tree = malloc(sizeof *tree);
    *tree = (struct tree){NULL, NULL, value};
  } else if (value < tree->value) tree->left = insert(tree->left, value);
  else tree->right = insert(tree->right, value);
  return tree;
}

static void walk(struct generator *generator, const void *argument) {
  const struct tree *tree = argument;
  if (tree == NULL) return;
  walk(generator, tree->left);
  give(generator, tree->value);
  walk(generator, tree->right);
}

static bool same_fringe(const struct tree *one, const struct tree *other) {
  struct generator a, b;
  generate(&a, walk, one);
  generate(&b, walk, other);
  for (;;) {
    bool more = next(&a), more_too = next(&b);
    if (more != more_too || (more && a.value != b.value)) {
      if (more) wirq_stack_free(a.stack);
      if (more_too) wirq_stack_free(b.stack);
      return false;
    }
    if (!more) return true;
  }
}

int main(void) {
  struct generator numbers;
  generate(&numbers, fibonacci, NULL);
  for (int i = 0; i < 10 && next(&numbers); i++) printf("%d ", numbers.value);
  puts("");
  wirq_stack_free(numbers.stack);

  struct tree *one = NULL, *other = NULL, *third = NULL;
  for (int i = 0; i < 31; i++) one = insert(one, i * 7 % 31);
  for (int i = 0; i < 31; i++) other = insert(other, i * 12 % 31);
  for (int i = 0; i < 31; i++) third = insert(third, i * 12 % 31 + (i == 30));
  printf("same values in trees of other shapes: %s\n", same_fringe(one, other) ? "yes" : "no");
  printf("and with one value changed: %s\n", same_fringe(one, third) ? "yes" : "no");
  return 0;
}
