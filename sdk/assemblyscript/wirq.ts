/**
 * wirq for firmware in AssemblyScript: interrupts (`irq`), the board (`board`, `uart`) and the mailbox (`mailbox`).
 * Follows CMSIS-Core (Cortex-M) 6, https://arm-software.github.io/CMSIS_6/latest/Core/, whose names stand beside ours;
 * the C header sdk/c/wirq.h says the same.
 *
 * A handler is an exported function without arguments. `IRQ<n>_Handler` is the handler of line n, `<NAME>_IRQHandler`
 * that of the line which the scenario calls NAME; `SysTick_Handler`, `PendSV_Handler`, `SVC_Handler`, `NMI_Handler` and
 * `HardFault_Handler` are those of the exceptions. Nothing interrupts the AssemblyScript runtime itself (`~lib/rt`): a
 * handler may allocate.
 *
 * ```ts
 * import { irq, uart } from './wirq';
 *
 * let presses = 0;
 *
 * export function IRQ3_Handler(): void {
 *   presses++;
 * }
 *
 * export function main(): i32 {
 *   irq.setPriority(3, 2);
 *   irq.enable(3);
 *   while (presses < 10) irq.wfi();
 *   uart.print('ten presses\n');
 *   return 0;
 * }
 * ```
 */

/**
 * The interrupt controller, import module `wirq/irq`.
 *
 * External lines are 0 … 239; system exceptions are negative. Priorities are 0 (the most urgent) … 255. An interrupt
 * that does not exist is a mistake in the firmware: the machine stops and names it; only `isEnabled`, `isPending` and
 * `isActive` answer false. In a module that never calls `enable`, every line that has a handler is enabled from reset.
 */
export namespace irq {
  /** The system exceptions. CMSIS-Core: IRQn_Type. */
  export const NMI: i32 = -14;
  export const HARD_FAULT: i32 = -13;
  export const SV_CALL: i32 = -5;
  export const PEND_SV: i32 = -2;
  export const SYS_TICK: i32 = -1;

  /** Enables a line. System exceptions are always enabled. CMSIS-Core: NVIC_EnableIRQ. */
  // @ts-ignore: decorator
  @external("wirq/irq", "enable")
  export declare function enable(line: i32): void;

  /** Disables a line: raised, it stays pending. CMSIS-Core: NVIC_DisableIRQ. */
  // @ts-ignore: decorator
  @external("wirq/irq", "disable")
  export declare function disable(line: i32): void;

  /** Whether a line is enabled. CMSIS-Core: NVIC_GetEnableIRQ. */
  // @ts-ignore: decorator
  @external("wirq/irq", "is_enabled")
  export declare function isEnabled(line: i32): bool;

  /** Makes an interrupt pending; a deliverable one runs before this returns. CMSIS-Core: NVIC_SetPendingIRQ. */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_pending")
  export declare function setPending(line: i32): void;

  /** Takes a pending interrupt back, before it was delivered. CMSIS-Core: NVIC_ClearPendingIRQ. */
  // @ts-ignore: decorator
  @external("wirq/irq", "clear_pending")
  export declare function clearPending(line: i32): void;

  /** Whether an interrupt is pending. CMSIS-Core: NVIC_GetPendingIRQ. */
  // @ts-ignore: decorator
  @external("wirq/irq", "is_pending")
  export declare function isPending(line: i32): bool;

  /** Whether an interrupt's handler runs or is itself interrupted. CMSIS-Core: NVIC_GetActive. */
  // @ts-ignore: decorator
  @external("wirq/irq", "is_active")
  export declare function isActive(line: i32): bool;

  /** Sets a priority; reset gives 0. Only a lower number interrupts a handler. CMSIS-Core: NVIC_SetPriority. */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_priority")
  export declare function setPriority(line: i32, priority: i32): void;

  /** The priority of an interrupt. CMSIS-Core: NVIC_GetPriority. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_priority")
  export declare function getPriority(line: i32): i32;

  // @ts-ignore: decorator
  @external("wirq/irq", "set_vector")
  declare function set_vector(line: i32, handler: u32): void;

  /**
   * Gives an interrupt another handler, which comes before any exported one; it takes nothing, or the line.
   * The function must close over nothing. CMSIS-Core: NVIC_SetVector.
   */
  export function setVector<Handler>(line: i32, handler: Handler): void {
    if (!isFunction<Handler>()) ERROR("a handler is a function");
    // A function value is a pointer to a record whose first word is the index in the table.
    const index = load<u32>(changetype<usize>(handler));
    set_vector(line, index);
    // Never true, for the first entry stays empty. But without any indirect call the optimiser would drop the table.
    if (index == 0) {
      if (lengthof<Handler>() == 0) call_indirect<void>(index);
      else call_indirect<void>(index, line);
    }
  }

  /**
   * Sets (1) or clears (0) PRIMASK, which holds back every interrupt but NMI and HardFault. What becomes deliverable
   * runs before this returns. CMSIS-Core: __set_PRIMASK, __disable_irq, __enable_irq.
   *
   * @returns what PRIMASK was, to put it back
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_primask")
  export declare function setPrimask(masked: i32): i32;

  /** What PRIMASK is, 0 or 1. CMSIS-Core: __get_PRIMASK. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_primask")
  export declare function getPrimask(): i32;

  /**
   * Holds back `priority` and less urgent ones (numerically greater or equal); 0 holds nothing back. CMSIS-Core:
   * __set_BASEPRI.
   *
   * @returns what BASEPRI was, to put it back
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_basepri")
  export declare function setBasepri(priority: i32): i32;

  /** What BASEPRI is, 0 if it holds nothing back. CMSIS-Core: __get_BASEPRI. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_basepri")
  export declare function getBasepri(): i32;

  /**
   * Sets (1) or clears (0) FAULTMASK, which holds back everything but NMI until the handler returns. CMSIS-Core:
   * __disable_fault_irq, __enable_fault_irq.
   *
   * @returns what FAULTMASK was
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_faultmask")
  export declare function setFaultmask(masked: i32): i32;

  /** What FAULTMASK is, 0 or 1. CMSIS-Core: __get_FAULTMASK. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_faultmask")
  export declare function getFaultmask(): i32;

  /**
   * As `setBasepri`, but only where that holds back more. CMSIS-Core: __set_BASEPRI_MAX.
   *
   * @returns what BASEPRI was, to put it back
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_basepri_max")
  export declare function setBasepriMax(priority: i32): i32;

  /**
   * Sets PRIGROUP, 0 … 7: bits 7 to PRIGROUP + 1 of a priority decide what interrupts, the rest what goes first among the
   * pending. CMSIS-Core: NVIC_SetPriorityGrouping.
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_priority_grouping")
  export declare function setPriorityGrouping(grouping: i32): void;

  /** What PRIGROUP is, 0 after reset. CMSIS-Core: NVIC_GetPriorityGrouping. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_priority_grouping")
  export declare function getPriorityGrouping(): i32;

  /** Bits of the system control register: SLEEPONEXIT and SEVONPEND. */
  export const SLEEP_ON_EXIT: i32 = 1 << 1;
  export const SEV_ON_PEND: i32 = 1 << 4;

  /**
   * Writes SCB->SCR: with `SLEEP_ON_EXIT`, thread mode is not returned to, but slept in; with `SEV_ON_PEND`, a pend is
   * an event.
   *
   * @returns what it was
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_scr")
  export declare function setScr(value: i32): i32;

  /** What SCB->SCR is. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_scr")
  export declare function getScr(): i32;

  /** Calls the supervisor: `SVC_Handler` runs before this returns. Where it cannot run: HardFault. */
  // @ts-ignore: decorator
  @external("wirq/irq", "svc")
  export declare function svc(number: i32): void;

  /** The number of the last supervisor call. */
  // @ts-ignore: decorator
  @external("wirq/irq", "svc_number")
  export declare function svcNumber(): i32;

  /**
   * In `HardFault_Handler`: why it runs. 1 unreachable, 2 memory, 3 division by zero, 4 overflow, 5 bad call, 6 stack
   * exhausted, 7 exception, 8 no handler, 9 supervisor call not allowed, 15 other. After 1 to 7 the code that trapped is
   * gone: when the handler returns, the run ends as the trap would have ended it.
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "fault_cause")
  export declare function faultCause(): i32;

  /** The exception that runs: 0 in thread mode, 16 + n in the handler of line n. CMSIS-Core: __get_IPSR. */
  // @ts-ignore: decorator
  @external("wirq/irq", "current")
  export declare function current(): i32;

  /**
   * Waits for an interrupt. One that only PRIMASK holds back ends the wait too, so that nothing is missed between a
   * test and the wait when PRIMASK is set around the two. CMSIS-Core: __WFI.
   */
  // @ts-ignore: decorator
  @external("wirq/irq", "wfi")
  export declare function wfi(): void;

  /** Waits for an event: an interrupt, or `sev` since the last wait. CMSIS-Core: __WFE. */
  // @ts-ignore: decorator
  @external("wirq/irq", "wfe")
  export declare function wfe(): void;

  /** Signals an event, which ends the present or the next `wfe`. CMSIS-Core: __SEV. */
  // @ts-ignore: decorator
  @external("wirq/irq", "sev")
  export declare function sev(): void;

  /** Restarts the firmware; it does not return. `board.resetCause` says so afterwards. CMSIS-Core: NVIC_SystemReset. */
  // @ts-ignore: decorator
  @external("wirq/irq", "system_reset")
  export declare function systemReset(): void;

  // @ts-ignore: decorator
  @external("wirq/irq", "systick")
  declare function load_systick(reload: u32): i32;

  /**
   * Makes SysTick pending every `ticks` cycles of the machine's clock, beginning that many cycles from now; 0 stops it.
   * CMSIS-Core: SysTick_Config; as there, the counter has 24 bits.
   *
   * @returns whether `ticks` is in range, 0 … 0x1000000
   */
  export function systick(ticks: u32): bool {
    // The counter is loaded with one less than the period.
    return load_systick(ticks == 0 ? 0 : ticks - 1) == 0;
  }

  /** Bits of SysTick->CTRL. */
  export const SYSTICK_ENABLE: i32 = 1 << 0;
  export const SYSTICK_TICKINT: i32 = 1 << 1;
  export const SYSTICK_COUNTFLAG: i32 = 1 << 16;

  /** SysTick->CTRL. Reading it clears COUNTFLAG, which says that the counter came to 0. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_systick_ctrl")
  export declare function getSystickCtrl(): i32;

  /** Writes SysTick->CTRL. */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_systick_ctrl")
  export declare function setSystickCtrl(value: i32): void;

  /** SysTick->LOAD, 24 bits: what the counter begins at; 0 stops it. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_systick_load")
  export declare function getSystickLoad(): i32;

  /** Writes SysTick->LOAD, which takes effect when the counter next begins. */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_systick_load")
  export declare function setSystickLoad(value: i32): void;

  /** SysTick->VAL: the counter. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_systick_val")
  export declare function getSystickVal(): i32;

  /** Writes SysTick->VAL: whatever is written, the counter becomes 0 and begins anew, and COUNTFLAG is cleared. */
  // @ts-ignore: decorator
  @external("wirq/irq", "set_systick_val")
  export declare function setSystickVal(value: i32): void;

  /** SysTick->CALIB: NOREF, SKEW, and LOAD for 10 ms. */
  // @ts-ignore: decorator
  @external("wirq/irq", "get_systick_calib")
  export declare function getSystickCalib(): i32;
}

/**
 * Time, resets, pins, serial ports, timers, watchdog, clock, converter, DMA and entropy: import module `wirq/board`.
 * Pins are 0 … 255, ports 0 … 3, timers 0 … 15, analogue channels 0 … 15, DMA channels 0 … 7; times are nanoseconds.
 */
export namespace board {
  export const INPUT: i32 = 0;
  export const OUTPUT: i32 = 1;
  export const PULL_UP: i32 = 2;
  export const PULL_DOWN: i32 = 3;

  /** What `resetCause` tells. */
  export const RESET_POWER_ON: i32 = 0;
  export const RESET_SOFTWARE: i32 = 1;
  export const RESET_WATCHDOG: i32 = 2;
  export const RESET_PIN: i32 = 3;

  /** What raises the line of a pin, for `gpioIrq`; the edges also for `timerCapture`. */
  export const NO_TRIGGER: i32 = 0;
  export const RISING: i32 = 1;
  export const FALLING: i32 = 2;
  export const BOTH: i32 = 3;
  export const HIGH: i32 = 4;
  export const LOW: i32 = 5;

  /** Bits of `uartStatus`. The first two are cleared by asking. */
  export const UART_OVERRUN: i32 = 1;
  export const UART_FRAMING: i32 = 2;
  export const UART_RECEIVED: i32 = 4;
  export const UART_IDLE: i32 = 8;
  export const UART_FULL: i32 = 16;

  /** The machine's time since reset, in nanoseconds. */
  // @ts-ignore: decorator
  @external("wirq/board", "now")
  export declare function now(): i64;

  /** Why the firmware was started, one of `RESET_…`. */
  // @ts-ignore: decorator
  @external("wirq/board", "reset_cause")
  export declare function resetCause(): i32;

  /**
   * Sets the direction of a pin: `INPUT`, as after reset, `OUTPUT`, or an input with a resistor, `PULL_UP`, `PULL_DOWN`,
   * which says its level when nobody drives it. Writing to a pin makes it an output.
   */
  // @ts-ignore: decorator
  @external("wirq/board", "gpio_mode")
  export declare function gpioMode(pin: i32, mode: i32): void;

  /** The level of a pin, 0 or 1. */
  // @ts-ignore: decorator
  @external("wirq/board", "gpio_read")
  export declare function gpioRead(pin: i32): i32;

  /** Drives a pin to a level, 0 or 1. */
  // @ts-ignore: decorator
  @external("wirq/board", "gpio_write")
  export declare function gpioWrite(pin: i32, level: i32): void;

  /** Wires a pin to a line, in place of what the board wired it to; `NO_TRIGGER` takes the wire away. */
  // @ts-ignore: decorator
  @external("wirq/board", "gpio_irq")
  export declare function gpioIrq(pin: i32, line: i32, trigger: i32): void;

  /** Sends the bytes at an address through a serial port. Returns how many were taken. `uart` has more comfort. */
  // @ts-ignore: decorator
  @external("wirq/board", "uart_write")
  export declare function uartWrite(port: i32, address: usize, length: i32): i32;

  /** Takes up to `length` bytes that have arrived at a serial port; never waits. Returns how many, 0 if none. */
  // @ts-ignore: decorator
  @external("wirq/board", "uart_read")
  export declare function uartRead(port: i32, address: usize, length: i32): i32;

  /**
   * Starts a timer, which raises its line after `period` nanoseconds, and again every period if it repeats.
   * The line of timer n is 16 + n, unless a scenario names another one TIMERn.
   */
  // @ts-ignore: decorator
  @external("wirq/board", "timer_start")
  export declare function timerStart(timer: i32, period: i64, repeat: bool): void;

  /** Stops a timer. */
  // @ts-ignore: decorator
  @external("wirq/board", "timer_stop")
  export declare function timerStop(timer: i32): void;

  /** The state of a serial port, bits of `UART_…`. */
  // @ts-ignore: decorator
  @external("wirq/board", "uart_status")
  export declare function uartStatus(port: i32): i32;

  /** Time since the timer was started or last expired; -1 when it does not run. */
  // @ts-ignore: decorator
  @external("wirq/board", "timer_elapsed")
  export declare function timerElapsed(timer: i32): i64;

  /** Captures the moments of a pin's edges, `RISING`, `FALLING` or `BOTH`, each of which raises the timer's line. */
  // @ts-ignore: decorator
  @external("wirq/board", "timer_capture")
  export declare function timerCapture(timer: i32, pin: i32, edge: i32): void;

  /** The moment captured last, as of `now`, once; -1 when there is none. The next edge overwrites it. */
  // @ts-ignore: decorator
  @external("wirq/board", "timer_captured")
  export declare function timerCaptured(timer: i32): i64;

  /**
   * Starts the watchdog: unless it is fed before `timeout` is over, each time anew, it resets the firmware, or raises NMI
   * first if the board says so. It cannot be stopped. Called again, it counts as food and changes the timeout.
   */
  // @ts-ignore: decorator
  @external("wirq/board", "watchdog_start")
  export declare function watchdogStart(timeout: i64): void;

  /** Feeds the watchdog. On a board with a window, food that comes too soon after the last is as bad as none. */
  // @ts-ignore: decorator
  @external("wirq/board", "watchdog_feed")
  export declare function watchdogFeed(): void;

  /** Nanoseconds since 1970-01-01T00:00:00Z, by a clock that goes on through every reset. */
  // @ts-ignore: decorator
  @external("wirq/board", "rtc_time")
  export declare function rtcTime(): i64;

  /** Sets the clock. */
  // @ts-ignore: decorator
  @external("wirq/board", "rtc_set")
  export declare function rtcSet(time: i64): void;

  /** Raises line 33, or the one a scenario calls RTC, at this date; a negative one turns the alarm off. */
  // @ts-ignore: decorator
  @external("wirq/board", "rtc_alarm")
  export declare function rtcAlarm(time: i64): void;

  /** Converts what an analogue channel sees now: 0 … 4095 with the usual twelve bits. */
  // @ts-ignore: decorator
  @external("wirq/board", "adc_read")
  export declare function adcRead(channel: i32): i32;

  /**
   * Copies a block of memory while the core does something else; the channel then raises line 40 + channel, unless a
   * scenario names another one DMA<channel>. Nothing of the copy is seen before that. Returns 0, or 1 when it is busy.
   */
  // @ts-ignore: decorator
  @external("wirq/board", "dma_copy")
  export declare function dmaCopy(channel: i32, to: usize, from: usize, length: i32): i32;

  /**
   * Stores a u16 sample of ADC channel `input` at each expiry of `timer`, which then raises no line of its own. The channel
   * raises its line when all `count` are there and stops; a circular one at each half, and begins again at the end.
   * Returns 0, or 1 when the channel is busy.
   */
  // @ts-ignore: decorator
  @external("wirq/board", "dma_sample")
  export declare function dmaSample(channel: i32, input: i32, timer: i32, to: usize, count: i32, circular: bool): i32;

  /** Stops a DMA channel where it is; a copy that is not done leaves no trace. */
  // @ts-ignore: decorator
  @external("wirq/board", "dma_stop")
  export declare function dmaStop(channel: i32): void;

  /** Samples until the end of the buffer, or bytes of a copy that is not done; 0 when the channel is idle. */
  // @ts-ignore: decorator
  @external("wirq/board", "dma_remaining")
  export declare function dmaRemaining(channel: i32): i32;

  /** Fills memory with random bytes, from the run's seed. */
  // @ts-ignore: decorator
  @external("wirq/board", "entropy_fill")
  export declare function entropyFill(address: usize, length: i32): void;

  /** 32 random bits. */
  // @ts-ignore: decorator
  @external("wirq/board", "entropy_word")
  export declare function entropyWord(): i32;
}

/** Serial ports in AssemblyScript's types. Port n raises line 5 + n, unless a scenario names another one UARTn. */
export namespace uart {
  const CHUNK_UNITS: i32 = 64;

  /** Sends a text as UTF-8. Allocates nothing; interrupts are held back for 64 characters at a time. */
  export function print(text: string, port: i32 = 0): void {
    const buffer = memory.data(64 * 3); // a UTF-16 unit has at most three bytes in UTF-8
    for (let at = 0; at < text.length; ) {
      let end = min(at + CHUNK_UNITS, text.length);
      const last = text.charCodeAt(end - 1);
      if (end < text.length && (last & 0xfc00) == 0xd800) end--; // keeps a surrogate pair together
      const masked = irq.setPrimask(1);
      const length = String.UTF8.encodeUnsafe(changetype<usize>(text) + (<usize>at << 1), end - at, buffer);
      let sent = 0;
      while (sent < <i32>length) sent += board.uartWrite(port, buffer + sent, <i32>length - sent);
      irq.setPrimask(masked);
      at = end;
    }
  }

  /** Takes a byte that has arrived, or returns -1 when there is none. */
  export function readByte(port: i32 = 0): i32 {
    const buffer = memory.data(1);
    return board.uartRead(port, buffer, 1) == 1 ? <i32>load<u8>(buffer) : -1;
  }
}

/**
 * The mailbox: a block of memory through which host and guest speak by loads and stores. Import module `wirq/mailbox`,
 * for `open` alone; everything else is inline.
 *
 * ```ts
 * const box = memory.data(1024, 8);
 * mailbox.open(box, 1024);
 * for (;;) {
 *   if (!mailbox.take(box)) continue;
 *   const lines = mailbox.takeLines(box, 0); // bit n is line n
 *   while (mailbox.next(box)) uart.print(`line ${mailbox.number()}\n`);
 * }
 * ```
 */
export namespace mailbox {
  // Where the fields lie, in bytes from the block's address; all are u32.
  const DOORBELL: usize = 8;
  const WORDS: usize = 12;
  const INBOX_CAPACITY: usize = 24;
  const INBOX_HEAD: usize = 28;
  const INBOX_TAIL: usize = 32;
  const HOST_DOORBELL: usize = 36;
  const OUTBOX_CAPACITY: usize = 40;
  const OUTBOX_HEAD: usize = 44;
  const OUTBOX_TAIL: usize = 48;
  const HEADER_BYTES: usize = 64;
  const ENTRY_BYTES: usize = 24;

  /** Kinds of inbox entries: a line was raised; a signal was sent. */
  export const IRQ: u32 = 1;
  export const SIGNAL: u32 = 2;

  /** Kinds of outbox entries. */
  export const DONE: u32 = 1;
  export const PEND: u32 = 2;
  export const GPIO: u32 = 3;
  export const UART: u32 = 4;
  export const TIMER: u32 = 5;
  export const EXIT: u32 = 6;
  export const EVENT: u32 = 7;

  let entryKind: u32 = 0;
  let entryNumber: u32 = 0;
  let entryTime: u64 = 0;
  let entryValue: u64 = 0;

  /**
   * Formats the 8-aligned memory at `address` as a mailbox, as large as it fits into `bytes` (at least 96): bits for
   * all lines, and two rings of equal capacity. Returns 0, or a WASI errno (28, EINVAL).
   */
  // @ts-ignore: decorator
  @external("wirq/mailbox", "open")
  export declare function open(address: usize, bytes: i32): i32;

  /** Whether the host has posted since the last `take`. One load. */
  // @ts-ignore: decorator
  @inline
  export function rung(box: usize): bool {
    return load<u32>(box, DOORBELL) != 0;
  }

  /**
   * Begins taking: clears the doorbell, so that a post from now on rings again. Then `takeLines`, then `next`, in this
   * order, and no post is ever missed. Returns whether the host had posted.
   */
  // @ts-ignore: decorator
  @inline
  export function take(box: usize): bool {
    if (load<u32>(box, DOORBELL) == 0) return false;
    store<u32>(box, 0, DOORBELL);
    return true;
  }

  /** Takes word `word` of the pending bits and clears it: bit i is line 32 * word + i. */
  export function takeLines(box: usize, word: u32): u32 {
    if (word >= load<u32>(box, WORDS)) return 0;
    const address = box + HEADER_BYTES + (<usize>word << 2);
    // The host posts at safepoints only, and there is none between this load and this store.
    const lines = load<u32>(address);
    store<u32>(address, 0);
    return lines;
  }

  /** Where the rings begin, behind the words of pending bits, which are padded to 8 bytes. */
  // @ts-ignore: decorator
  @inline
  function rings(box: usize): usize {
    return box + HEADER_BYTES + ((<usize>load<u32>(box, WORDS) * 4 + 7) & ~7);
  }

  /** Takes the next entry of the inbox, to be read by `kind`, `number`, `time` and `value`. Returns false if none. */
  export function next(box: usize): bool {
    const head = load<u32>(box, INBOX_HEAD);
    if (head == load<u32>(box, INBOX_TAIL)) return false;
    const entry = rings(box) + <usize>(head & (load<u32>(box, INBOX_CAPACITY) - 1)) * ENTRY_BYTES;
    entryKind = load<u32>(entry);
    entryNumber = load<u32>(entry, 4);
    entryTime = load<u64>(entry, 8);
    entryValue = load<u64>(entry, 16);
    store<u32>(box, head + 1, INBOX_HEAD);
    return true;
  }

  /** Of the entry taken last: `IRQ` or `SIGNAL`. */
  export function kind(): u32 {
    return entryKind;
  }

  /** Of the entry taken last: the line, or the signal. */
  export function number(): u32 {
    return entryNumber;
  }

  /** Of the entry taken last: when the host posted it, in nanoseconds of machine time. */
  export function time(): u64 {
    return entryTime;
  }

  /** Of the entry taken last: the value that came with a signal. */
  export function value(): u64 {
    return entryValue;
  }

  /** Writes an entry into the outbox and rings. Returns false when the ring is full: try again, the host polls it. */
  export function post(box: usize, kind: u32, number: u32, value: u64 = 0): bool {
    const tail = load<u32>(box, OUTBOX_TAIL);
    const capacity = load<u32>(box, OUTBOX_CAPACITY);
    if (tail - load<u32>(box, OUTBOX_HEAD) >= capacity) return false;
    const inboxBytes = <usize>load<u32>(box, INBOX_CAPACITY) * ENTRY_BYTES;
    const entry = rings(box) + inboxBytes + <usize>(tail & (capacity - 1)) * ENTRY_BYTES;
    store<u32>(entry, kind);
    store<u32>(entry, number, 4);
    store<u64>(entry, 0, 8);
    store<u64>(entry, value, 16);
    store<u32>(box, tail + 1, OUTBOX_TAIL);
    store<u32>(box, 1, HOST_DOORBELL);
    return true;
  }

  /** The same, but waits while the ring is full. The outbox's capacity must not be 0. */
  export function send(box: usize, kind: u32, number: u32, value: u64 = 0): void {
    while (!post(box, kind, number, value)) {}
  }
}
