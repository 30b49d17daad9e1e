// build: clang -nostdlib -Wl,--no-entry -Wl,--export=wirq_mailbox
/*
 * A firmware with no imports at all. The host posts interrupts into the mailbox; the main loop polls the doorbell, which
 * is a plain load, and answers through the outbox: it drives a pin, prints, acknowledges, and in the end exits.
 * Line 1 toggles the LED, line 2 reports, line 3 ends the program.
 */
#include "wirq.h"

#define LED 13
#define PORT 0

enum { TOGGLE = 1, REPORT = 2, STOP = 3 };

WIRQ_MAILBOX(16, 32, 32);

static void post_number(wirq_box *box, uint32_t number) {
  if (number >= 10) post_number(box, number / 10);
  wirq_post_uart(box, PORT, (uint8_t)('0' + number % 10));
}

/* The ring says when each interrupt came, and in which order. */
static void log_entry(wirq_box *box, const wirq_entry *entry) {
  if (entry->kind != WIRQ_INBOX_IRQ) return;
  post_number(box, (uint32_t)(entry->time_ns / 1000000));
  wirq_post_text(box, PORT, " ms: line ");
  post_number(box, entry->number);
  wirq_post_text(box, PORT, "\n");
}

__attribute__((export_name("_start"))) void start(void) {
  wirq_box *box = &wirq_mailbox.box;
  uint32_t level = 0;
  uint32_t toggles = 0;
  wirq_post_text(box, PORT, "polling\n");
  for (;;) {
    while (!wirq_mailbox_take(box)) {
    }
    /* The bits say what is to be done: two interrupts of one line before we looked are one bit. */
    uint32_t lines = wirq_mailbox_take_lines(box, 0);
    wirq_entry entry;
    while (wirq_mailbox_next(box, &entry)) log_entry(box, &entry);
    if (lines & 1u << TOGGLE) {
      level ^= 1;
      toggles++;
      wirq_post_gpio(box, LED, level);
    }
    if (lines & 1u << REPORT) {
      post_number(box, toggles);
      wirq_post_text(box, PORT, " toggles\n");
    }
    for (uint32_t line = 0; line < 32; line++) {
      if (lines & 1u << line) wirq_post_done(box, line);
    }
    if (lines & 1u << STOP) wirq_post_exit(box, 0);
  }
}
