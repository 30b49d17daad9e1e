/**
 * The inside of a machine: clock, controller, scheduler loop, vectors, mailbox and devices, put together. It decides
 * by which way a pending line reaches the guest, and turns every happening into an event. The public face is
 * machine.ts; the guest's side is guest.ts.
 */
import { assert } from '../assert.ts';
import type { Instant } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Device, ResetCause } from '../devices/device.ts';
import { InterruptController } from '../interrupts/controller.ts';
import { LEAVING } from '../interrupts/exception.ts';
import {
  defaultLineName,
  EXCEPTION_COUNT,
  type ExceptionNumber,
  exceptionOf,
  HARD_FAULT,
  type LineNumber,
  lineOf,
  SYS_TICK,
} from '../interrupts/exceptions.ts';
import { FAULT_CAUSE, type FaultCause } from '../interrupts/fault-causes.ts';
import type { Mailbox } from '../interrupts/mailbox.ts';
import { SysTick } from '../interrupts/systick.ts';
import { InterruptTimes } from '../interrupts/times.ts';
import { SchedulerLoop } from '../scheduler/loop.ts';
import type { Registers } from '../scheduler/registers.ts';
import type { Wait } from '../scheduler/thread.ts';
import type { HandlerStack } from '../stacks/handler-stack.ts';
import type { EventDetails, EventKind, EventListener } from './events.ts';
import { GuestEvents } from './guest-events.ts';
import { GuestFault } from './guest-fault.ts';
import { HandlerWatch } from './handler-watch.ts';
import { LineDelivery } from './line-delivery.ts';
import { MachineBoard } from './machine-board.ts';
import { resolveLine, resolvePin } from './names.ts';
import {
  checkNames,
  checkPriorityBits,
  checkSeed,
  type IrqConfig,
  type MachineOptions,
  type Names,
} from './options.ts';
import { createPeripherals, namedDevices, type Peripherals } from './peripherals.ts';
import { Random } from './random.ts';
import { ResetState } from './reset.ts';
import { limitRun } from './run-limits.ts';
import { SerialMonitor } from './serial-monitor.ts';
import { SignalDelivery } from './signal-delivery.ts';
import { fromOutside, SignalHost } from './signal-host.ts';
import { comeByInRealTime, createClock, outsideOf } from './time.ts';
import { createUserDevices, type UserDevice } from './user-devices.ts';
import { VectorTable } from './vectors.ts';

/** To tell lines from exceptions where it is done all the time: V8 sees through no function that is imported. */
const FIRST_LINE = exceptionOf(0 as LineNumber);
const { nothingMore: NOTHING_MORE, stillAsserted: STILL_ASSERTED } = LEAVING;

export interface CoreHost {
  /** Throws a trap through the guest's frames. */
  readonly unwind: () => never;
  readonly memory: () => WebAssembly.Memory | undefined;
}

export class MachineCore {
  readonly clock: MachineClock;
  readonly controller: InterruptController;
  readonly times: InterruptTimes;
  readonly loop: SchedulerLoop;
  readonly vectors = new VectorTable();
  readonly names: Names;
  readonly peripherals: Peripherals;
  readonly userDevices: ReadonlyMap<string, UserDevice>;
  readonly systick: SysTick;
  readonly serial: readonly SerialMonitor[];
  /** What the guest told by its mailbox, for scripts that wait for it. */
  readonly guestEvents = new GuestEvents();
  /** By which way lines reach the guest. */
  readonly delivery: LineDelivery;
  signals: SignalDelivery;
  /** The module sets handlers for signals: it imports `sigaction`. */
  handlesSignals = false;
  readonly board: MachineBoard;
  readonly resets = new ResetState();
  /** What WASI's randomness comes from. */
  readonly random: Random;
  handlerStack: HandlerStack | undefined;
  /** Ends a run whose handler does not return; undefined where it may take as long as it likes. */
  readonly handlerWatch: HandlerWatch | undefined;
  /** Whether host calls that wait park their thread. */
  parks = false;
  /** Whether handlers wait while others run in their place. */
  handlersWait: () => boolean = () => false;
  /** Here and now; by parking a thread where stacks can park. */
  wait: Wait = (waiting, then) => then(this.loop.wait(waiting));
  /** Whether somebody listens to events. */
  observed = false;
  /** Why the last HardFault was taken, for its handler. */
  faultCause: FaultCause = FAULT_CAUSE.none;
  /** What the last supervisor call asked for. */
  svcNumber = 0;
  /** What was raised on purpose, by an injection or the guest, and not just by a device. */
  readonly injected = new Uint8Array(EXCEPTION_COUNT);
  readonly #options: MachineOptions;
  readonly #listeners: EventListener[] = [];
  readonly #lineNames = new Map<number, string>();
  readonly #atReset: (() => void)[] = [];
  readonly #registers: Registers;

  constructor(options: MachineOptions, host: CoreHost) {
    this.#options = options;
    this.names = checkNames(options);
    this.clock = createClock(options);
    this.times = new InterruptTimes(this.clock);
    this.controller = new InterruptController(checkPriorityBits(options.priorityBits), this.times);
    this.loop = new SchedulerLoop({
      clock: this.clock,
      controller: this.controller,
      unwind: host.unwind,
      onSleep: (asleep) => {
        this.handlerWatch?.slept(asleep);
        this.emit(asleep ? 'sleep' : 'wake', {});
      },
      outside: outsideOf(options),
      wall: options.wall,
      lookout: options.tape?.lookout,
    });
    this.#registers = this.loop.registers;
    comeByInRealTime(this.loop, options);
    this.handlerWatch = HandlerWatch.of(options, this);
    this.delivery = new LineDelivery(this, options);
    this.random = new Random(checkSeed(options.seed));
    this.board = this.#createBoard(host);
    const wiring = {
      names: this.names,
      hz: this.clock.hz,
      resolveLine: (line: number | string) => lineOf(this.resolveLine(line)),
      resolvePin: (pin: number | string) => this.resolvePin(pin),
    };
    this.peripherals = createPeripherals(this.board, options.board ?? {}, wiring);
    this.serial = this.peripherals.uarts.map(() => new SerialMonitor());
    this.systick = new SysTick({
      hz: this.clock.hz,
      elapsed: () => this.clock.elapsed,
      alarm: (fire) => this.loop.timeline.create(fire),
      pendSysTick: () => this.pend(SYS_TICK, 'SysTick'),
    });
    this.signals = this.#deliverSignals();
    const { devices = {}, deviceOptions = {} } = options;
    this.userDevices = createUserDevices(devices, deviceOptions, this.board, { ...wiring, ...this.peripherals });
    for (const uart of this.peripherals.uarts) {
      uart.onTransmit((bytes) => {
        if (uart.port === 0) this.#options.onOutput?.('stdout', bytes);
        this.hear(uart.port, bytes);
      });
    }
    this.#configureLines();
    this.#configurePins();
    limitRun(this.loop, options);
  }

  /** All of the board's devices by name, those of the user last. */
  get devices(): [name: string, device: Device][] {
    return [...namedDevices(this.peripherals), ...this.userDevices];
  }

  // Events

  listen(listener: EventListener): void {
    this.observed = true;
    this.#listeners.push(listener);
    this.loop.hearReturns();
  }

  emit(kind: EventKind, details: EventDetails): void {
    if (!this.observed) return;
    const event = { time: this.clock.now, instructions: this.clock.instructions, kind, details };
    for (const listener of this.#listeners) listener(event);
  }

  lineName(exception: ExceptionNumber): string {
    return this.#lineNames.get(exception) ?? defaultLineName(lineOf(exception));
  }

  resolveLine(line: number | string): ExceptionNumber {
    return resolveLine(line, this.names);
  }

  resolvePin(pin: number | string): number {
    return resolvePin(pin, this.names);
  }

  /** Bytes that left by serial port or standard output, for scripts that wait for them. */
  hear(port: number, bytes: Uint8Array): void {
    this.serial[port]!.receive(bytes);
    this.loop.attend();
  }

  // Interrupts

  /** Makes an exception pending; delivered at the next safepoint that its priority and the masks allow. */
  pend(exception: ExceptionNumber, source: string): void {
    const fresh = this.controller.pend(exception);
    if (this.observed) this.#logPend(exception, source, fresh);
    this.loop.attendInterrupt();
  }

  #logPend(exception: ExceptionNumber, source: string, fresh: boolean): void {
    const line = this.lineName(exception);
    this.emit('pend', fresh ? { line, source } : { line, source, coalesced: true });
  }

  /** Begins an exception whose handler runs to its end on the handler stack. @returns its slot; 0 when it escalated. */
  callHandler(n: ExceptionNumber): number {
    const slot = this.beginHandler(n);
    if (slot === 0) return 0;
    if (this.handlerWatch !== undefined) this.loop.regrant(); // it comes by for that as well
    this.#registers.prepare(n - FIRST_LINE, this.handlerStack === undefined ? 0 : this.handlerStack.begin());
    return slot;
  }

  /** It has returned. */
  handlerReturned(): void {
    if (this.handlerStack !== undefined) this.handlerStack.end();
    this.#endInnermost();
  }

  /** Enters an exception. @returns the slot of what handles it, which the caller runs; 0 when it escalated instead. */
  beginHandler(n: ExceptionNumber): number {
    const slot = this.vectors.slotOf(n);
    if (slot === 0) {
      this.#escalate(n);
      return 0;
    }
    this.controller.enter(n);
    if (this.handlerWatch !== undefined) this.handlerWatch.begin(n);
    if (this.observed) this.#logEnter(n);
    return slot;
  }

  #logEnter(n: ExceptionNumber): void {
    const { controller } = this;
    this.emit('enter', { line: this.lineName(n), priority: controller.priorityOf(n), depth: controller.depth });
  }

  endHandler(n: ExceptionNumber): void {
    assert(this.controller.current === n, 'handlers end in the reverse order of their beginning');
    this.#endInnermost();
  }

  #endInnermost(): void {
    if (this.observed) this.#logLeave();
    if (this.handlerWatch !== undefined) this.handlerWatch.end();
    const then = this.controller.leave();
    if (then !== NOTHING_MORE) this.#afterLeaving(then);
  }

  #logLeave(): void {
    const { current, depth } = this.controller;
    this.emit('leave', { line: this.lineName(current), depth });
  }

  #afterLeaving(then: number): void {
    const { isMasked, justLeft } = this.controller;
    this.times.masked(isMasked);
    if ((then & STILL_ASSERTED) !== 0) this.pend(justLeft, 'level');
  }

  /** A line that is enabled and pending but has no handler is a HardFault; without a handler for that, lock-up. */
  #escalate(n: ExceptionNumber): void {
    const name = this.lineName(n);
    if (n === HARD_FAULT || !this.vectors.has(HARD_FAULT) || this.controller.isActive(HARD_FAULT)) {
      this.fail(`${name} is enabled and pending, but nothing handles it`, {
        advice: `export ${lineOf(n) >= 0 ? `IRQ${lineOf(n)}_Handler` : 'its CMSIS handler'}, call set_vector, or open a mailbox`,
      });
    }
    this.controller.drop(n);
    this.faultCause = FAULT_CAUSE.noHandler;
    this.pend(HARD_FAULT, `${name} has no handler`);
  }

  /**
   * Drives the input of a level-sensitive line: asserted, it is pending until it is taken, and pends again when its
   * handler returns and it still is asserted.
   */
  setLevel(exception: ExceptionNumber, asserted: boolean, source: string): void {
    const rises = asserted && !this.controller.isAsserted(exception);
    this.controller.assertLevel(exception, asserted);
    if (rises) this.pend(exception, source);
  }

  // Delivery

  setVector(n: ExceptionNumber, slot: number): void {
    this.vectors.set(n, slot);
    if (n >= 16) this.delivery.settleLine(n);
    this.loop.attend();
  }

  get mailbox(): Mailbox | undefined {
    return this.delivery.mailbox;
  }

  /** After a reset no signal is pending, and none has a handler. */
  #deliverSignals(): SignalDelivery {
    const signals = new SignalDelivery(new SignalHost(this, this.#options));
    this.loop.deliverSignals(signals);
    return signals;
  }

  /** A Unix signal from outside, with a value for those who ask for it. */
  signal(signal: number, value: number | undefined): void {
    this.signals.send(fromOutside(signal, value), 'process', 'injection');
  }

  /** Ends the run because of what the guest did. */
  fail(message: string, options: { advice?: string } = {}): never {
    throw new GuestFault(message, options.advice);
  }

  // Reset

  /** Restarts the firmware as soon as its frames can be unwound. The first cause stands. */
  requestReset(cause: ResetCause): void {
    this.resets.request(cause);
    this.loop.restart();
  }

  /** Calls `act` at the next reset: to stop what belongs to the firmware that is left. */
  atReset(act: () => void): void {
    this.#atReset.push(act);
  }

  /** Everything on the chip goes to what it is after a reset; called between two runs of the firmware. */
  reset(): void {
    const cause = this.resets.begin();
    this.controller.reset();
    this.times.masked(false);
    this.vectors.clear();
    this.delivery.reset();
    for (const config of this.names.irqs.values()) this.#setConfiguredPriority(config);
    this.handlerStack = undefined;
    this.handlerWatch?.forget();
    this.systick.reset();
    this.faultCause = FAULT_CAUSE.none;
    this.svcNumber = 0;
    this.signals = this.#deliverSignals();
    for (const each of this.#atReset.splice(0)) each();
    for (const [, device] of this.devices) device.reset?.(cause);
  }

  // Set-up

  #setConfiguredPriority({ line, priority }: IrqConfig): void {
    if (priority !== undefined) this.controller.setPriority(exceptionOf(line as LineNumber), priority);
  }

  #configureLines(): void {
    for (const [name, config] of this.names.irqs) {
      const exception = exceptionOf(config.line as LineNumber);
      if (!this.#lineNames.has(exception)) this.#lineNames.set(exception, name);
      this.#setConfiguredPriority(config);
      if (config.deliver !== undefined) this.delivery.configure(exception, config.deliver);
    }
  }

  #configurePins(): void {
    for (const { pin, line, edge } of this.#options.wires ?? []) {
      this.peripherals.gpio.wire(this.resolvePin(pin), lineOf(this.resolveLine(line)), edge ?? 'both');
    }
  }

  #createBoard(host: CoreHost): MachineBoard {
    const core = this;
    return new MachineBoard({
      get observed() {
        return core.observed;
      },
      seed: checkSeed(this.#options.seed),
      now: (): Instant => core.clock.now,
      alarm: (fire) => core.loop.timeline.create(fire),
      pend: (exception, source) => core.pend(exception, source),
      level: (exception, asserted) => core.controller.assertLevel(exception, asserted),
      emit: (kind, details) => {
        core.emit(kind, details);
        // A script may wait for a pin. Other events change nothing, and are not even made where nobody listens.
        if (kind === 'pin') core.loop.attend();
      },
      attend: () => core.loop.attend(),
      memory: host.memory,
      reset: (cause) => core.requestReset(cause),
    });
  }
}
