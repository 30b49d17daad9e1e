/**
 * @file oracle.h
 * What every scenario of the oracle is written against: one set of names for the interrupt controller, which a port turns
 * into imports of wirq (wirq-port.h) or into the registers of a Cortex-M (tools/oracle/arm-port.h), and a log of what happens.
 *
 * A scenario defines `scenario`, which runs in thread mode, and handlers with HANDLER. Entries and exits of handlers are
 * logged by themselves, with the exception number the core reports; `note` adds a value that was read. The log is text,
 * kept in memory and written at the end, so that writing it interrupts nothing. Two logs are equal if and only if the same
 * handlers ran in the same order and every read gave the same value; nothing in them depends on speed.
 *
 * Lines are 26 ... 31, the ones that software alone can pend on all of the machines. Priorities are the raw byte of the
 * priority register; multiples of 0x40 mean the same with two implemented bits and with eight.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdint.h>

#ifdef __wasm__
#include "wirq-port.h"
#else
#include "arm-port.h"
#endif

/* The least and most urgent of the four priorities that two bits can tell apart. */
#define MOST_URGENT 0x00
#define URGENT 0x40
#define RELAXED 0x80
#define LEAST_URGENT 0xC0

#define ORACLE_INLINE static inline __attribute__((always_inline, unused))

/* ------------------------------------------------------------------------------------------------------------------
 * The log
 * --------------------------------------------------------------------------------------------------------------- */

static char oracle_log[8192];
static volatile uint32_t oracle_length;
static volatile uint32_t oracle_depth;

ORACLE_INLINE void oracle_char(char c) {
  if (oracle_length < sizeof oracle_log) oracle_log[oracle_length++] = c;
}

/** Writes what has been logged so far: before something that may end the machine. */
ORACLE_INLINE void flush(void) {
  port_write(oracle_log, oracle_length);
  oracle_length = 0;
}

static __attribute__((noinline, unused)) void oracle_line(const char *text, const char *link, uint32_t value) {
  for (uint32_t i = 0; i < oracle_depth; i++) {
    oracle_char(' ');
    oracle_char(' ');
  }
  while (*text != 0) oracle_char(*text++);
  while (*link != 0) oracle_char(*link++);
  char digits[10];
  uint32_t count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0) oracle_char(digits[--count]);
  oracle_char('\n');
#ifdef PORT_WRITES_LINES
  flush();
#endif
}

/** Logs a value that the scenario read, as `what = 3`. */
ORACLE_INLINE void note(const char *what, uint32_t value) { oracle_line(what, " = ", value); }

/** Ends the run, from thread mode or from a handler. */
static __attribute__((noreturn, noinline, unused)) void finish(void) {
  flush();
  port_exit();
}

/* ------------------------------------------------------------------------------------------------------------------
 * Handlers
 * --------------------------------------------------------------------------------------------------------------- */

/** Defines the handler `name`, a name of CMSIS-Core's startup files: IRQ26_Handler, PendSV_Handler ... */
#define HANDLER(name)                                  \
  static void oracle_in_##name(void);                  \
  PORT_HANDLER(name) {                                 \
    oracle_line("enter " #name, ": ipsr ", get_ipsr()); \
    oracle_depth++;                                    \
    oracle_in_##name();                                \
    oracle_depth--;                                    \
    oracle_line("leave " #name, ": ipsr ", get_ipsr()); \
  }                                                    \
  static void oracle_in_##name(void)

static void scenario(void);

PORT_MAIN {
  scenario();
  note("end of thread mode, ipsr", get_ipsr());
  finish();
}

/** Sets a line's priority and enables it. */
ORACLE_INLINE void open_line(int32_t line, uint32_t priority) {
  set_priority(line, priority);
  enable(line);
}

#endif
