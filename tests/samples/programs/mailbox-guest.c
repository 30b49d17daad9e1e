// build: clang -nostdlib -Wl,--no-entry -Wl,--export=wirq_mailbox
/* The guest's side of the mailbox as sdk/c/wirq.h has it, function by function, for mailbox-block.test.ts to call. */
#include "wirq.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

WIRQ_MAILBOX(4, 4, 96);

static wirq_entry entry;

bool EXPORT(rung)(void) { return wirq_mailbox_rung(&wirq_mailbox.box); }
bool EXPORT(take)(void) { return wirq_mailbox_take(&wirq_mailbox.box); }
uint32_t EXPORT(take_lines)(uint32_t word) { return wirq_mailbox_take_lines(&wirq_mailbox.box, word); }
bool EXPORT(next)(void) { return wirq_mailbox_next(&wirq_mailbox.box, &entry); }
uint32_t EXPORT(kind)(void) { return entry.kind; }
uint32_t EXPORT(number)(void) { return entry.number; }
uint64_t EXPORT(time)(void) { return entry.time_ns; }
uint64_t EXPORT(value)(void) { return entry.value; }
bool EXPORT(post)(uint32_t kind, uint32_t number, uint64_t value) {
  return wirq_mailbox_post(&wirq_mailbox.box, kind, number, value);
}
