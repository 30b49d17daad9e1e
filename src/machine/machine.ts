/**
 * Machine: one guest and its board, put together. The public API of the library; the command line is its first user.
 * A machine runs once, synchronously, on the calling thread, in virtual time; what happens meanwhile is up to the
 * injections made beforehand and to a script, which runs while the guest is paused.
 */
import { after, formatDuration, type Instant } from '../clock/instant.ts';
import type { ResetCause } from '../devices/device.ts';
import type { Level } from '../devices/gpio.ts';
import { WirqError } from '../errors.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import type { Pause } from '../scheduler/dispatch-host.ts';
import type { Outcome } from '../scheduler/outcome.ts';
import { signalName, signalNumber } from '../signals/numbers.ts';
import { type Module, parseModule } from '../wasm/module.ts';
import { BACKTRACE_LIMIT } from './backtrace.ts';
import { checkAnalogChannel, checkWaveform, type WaveformOptions } from './board-options.ts';
import { checkOptions } from './check-options.ts';
import { MachineConsole } from './console.ts';
import { MachineCore } from './core.ts';
import type { EventListener } from './events.ts';
import { Firmware } from './firmware.ts';
import { addressOf, copyOfMemory } from './memory-access.ts';
import { Moments } from './moments.ts';
import { resolvePort } from './names.ts';
import { checkSeed, checkTime, type MachineOptions, type Time } from './options.ts';
import { type RunResult, resultOf } from './result.ts';
import { runLater, runNow } from './running.ts';
import type { Script, ScriptDriver, Wait } from './script.ts';
import { attendScript } from './script-attendant.ts';
import { tapedMachine } from './tape.ts';
import { findHandlers, type HandlerDeclaration } from './vectors.ts';
import { checkMoment, type Repetition, type When } from './when.ts';

export interface WaitFor {
  /** Machine time after which the wait fails with a WaitError. Default: waits for ever. */
  readonly timeout?: Time | undefined;
}

export class Machine {
  /** The module as the user gave it. */
  readonly module: Module;
  /** The handlers that configuration and exports declare. */
  readonly handlers: ReadonlyMap<ExceptionNumber, HandlerDeclaration>;
  readonly #core: MachineCore;
  readonly #firmware: Firmware;
  readonly #options: MachineOptions;
  #driver: ScriptDriver | undefined;
  readonly #moments: Moments;
  #hasRun = false;

  private constructor(module: Module, options: MachineOptions) {
    this.module = module;
    this.#options = options;
    checkOptions(options);
    checkSeed(options.seed);
    this.#core = new MachineCore(options, {
      unwind: () => this.#firmware.unwind(),
      memory: () => this.#firmware.memory,
    });
    this.handlers = findHandlers(module, this.#core.names.irqs);
    this.#firmware = new Firmware(module, this.handlers, this.#core, options);
    this.#moments = new Moments(this.#core.loop, this.#firmware);
    options.tape?.connect(tapedMachine(this.#core));
  }

  /**
   * Reads a module and plugs it into a board. Nothing of the guest runs yet.
   *
   * @throws WirqError `bad-module`, `unsupported`, `bad-handler`, `missing-import`, `bad-argument`.
   * @example
   * const machine = Machine.load(readFileSync('blinky.wasm'), { irqs: { BUTTON: 3 }, pins: { LED: 13 } });
   * machine.raise('BUTTON', '10ms');
   * const { exitCode } = machine.run();
   */
  static load(bytes: Uint8Array, options: MachineOptions = {}): Machine {
    try {
      return new Machine(parseModule(bytes), options);
    } catch (error) {
      throw error instanceof WirqError && error.place?.offset !== undefined && options.file !== undefined
        ? error.inFile(options.file)
        : error;
    }
  }

  /** Machine time in nanoseconds since reset. */
  get now(): Instant {
    this.#note('now');
    return this.#core.clock.now;
  }

  /** Instructions charged since reset. */
  get instructions(): number {
    return this.#core.clock.instructions;
  }

  /** How the run ended; undefined before and while it runs. */
  get outcome(): Outcome | undefined {
    return this.#core.loop.outcome;
  }

  /** Hears every event of the run. Add listeners before `run`. They must not call back into the machine. */
  onEvent(listener: EventListener): void {
    this.#core.listen(listener);
  }

  // Injection

  /**
   * Acts at a moment, while the guest is paused: at once without one (before `run`: at reset), and again every
   * `every` after that, `count` times in all (default: once, or for ever with a period).
   * A moment in a named function must be known before `run`.
   *
   * @throws WirqError `bad-argument` for what is no time, or no function of the module.
   * @example machine.at('10ms', () => machine.raise('BUTTON'), { every: '1ms', count: 3 });
   */
  at(when: When | Time | undefined, act: () => void, repeat: Repetition = {}): void {
    checkMoment(when, repeat);
    this.#note('at', when, repeat);
    this.#moments.at(when, this.#options.tape?.outsider(act) ?? act, repeat);
  }

  /** What outsiders do is written down, where there is a tape. */
  #note(method: string, ...args: unknown[]): void {
    this.#options.tape?.called(method, args);
  }

  /**
   * Raises a line (by number, configured name, `IRQ3` or `SysTick`), now or at a moment.
   * A moment in a named function must be known before `run`.
   *
   * @throws WirqError `bad-argument` for what is no line, no time, or no function of the module.
   * @example machine.raise('BUTTON', { kind: 'function', name: 'main_loop', entry: 3 });
   */
  raise(line: number | string, when?: When | Time): void {
    const exception = this.#core.resolveLine(line);
    this.#note('raise', line, when);
    this.#core.injected[exception] = 1;
    if (when === undefined && this.#hasRun) {
      this.#core.pend(exception, 'injection');
      return;
    }
    this.#moments.at(when, () => this.#core.pend(exception, 'injection'));
  }

  /** Drives the input of a level-sensitive line, now or at a moment: 1 pends it again whenever its handler returns. */
  setLine(line: number | string, level: Level, when?: When | Time): void {
    const exception = this.#core.resolveLine(line);
    if (exception < 16) throw new WirqError('bad-argument', `${line} is no external line, and has no input`);
    this.#note('setLine', line, level, when);
    this.#core.injected[exception] = 1;
    this.#moments.at(when, () => this.#core.setLevel(exception, level === 1, 'input'));
  }

  /** Sends a Unix signal (`SIGUSR1`, `10`), now or at a moment, with a value for those who ask for it. */
  signal(
    signal: number | string,
    options: { readonly when?: When | Time | undefined; readonly value?: number | undefined } = {},
  ): void {
    const number = signalNumber(String(signal));
    if (number === undefined) {
      throw new WirqError('bad-argument', `there is no signal ${signal}`, {
        advice: 'write for example SIGUSR1, or a number from 1 to 64',
      });
    }
    const { value } = options;
    if (value !== undefined && !Number.isSafeInteger(value))
      throw new WirqError('bad-argument', `${value} is not a value for ${signalName(number)}`);
    this.#note('signal', signal, options);
    this.#moments.at(options.when, () => this.#core.signal(number, value));
  }

  /** Sends bytes (text as UTF-8) to the guest's serial port, now or at a moment. */
  writeSerial(
    text: string | Uint8Array,
    options: {
      readonly port?: number | undefined;
      readonly when?: When | Time | undefined;
      /** The bytes arrive with wrong stop bits: framing errors. */
      readonly damaged?: boolean | undefined;
    } = {},
  ): void {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text.slice();
    const port = resolvePort(options.port, this.#core.serial.length);
    this.#note('writeSerial', bytes, options);
    this.#moments.at(options.when, () => this.#core.peripherals.uarts[port]!.receive(bytes, options.damaged));
  }

  /** Drives a pin from outside, now or at a moment. */
  setPin(pin: number | string, level: Level, when?: When | Time): void {
    const number = this.#core.resolvePin(pin);
    this.#note('setPin', pin, level, when);
    this.#moments.at(when, () => this.#core.peripherals.gpio.drive(number, level));
  }

  /** Lets go of a pin: what drove it from outside does no longer, and its pull resistor decides. */
  releasePin(pin: number | string, when?: When | Time): void {
    const number = this.#core.resolvePin(pin);
    this.#note('releasePin', pin, when);
    this.#moments.at(when, () => this.#core.peripherals.gpio.release(number));
  }

  /**
   * Operates a control of one of the user's own devices, now or at a moment.
   * @example machine.control('thermo', 'temperature', 30, '10ms');
   */
  control(device: string, control: string, value: string | number, when?: When | Time): void {
    const found = this.#core.userDevices.get(device);
    if (found === undefined) throw new WirqError('bad-argument', `no device ${device} is plugged in`);
    this.#note('control', device, control, value, when);
    this.#moments.at(when, () => found.control?.(control, value));
  }

  /** Puts a waveform at an analogue channel, now or at a moment: `{ constant: '1.2V' }`. */
  setAnalog(channel: number, waveform: WaveformOptions, when?: When | Time): void {
    const number = checkAnalogChannel(channel);
    const checked = checkWaveform(waveform);
    this.#note('setAnalog', channel, waveform, when);
    this.#moments.at(when, () => this.#core.peripherals.adc.connect(number, checked));
  }

  /**
   * Resets the firmware from outside, now or at a moment: by its reset pin, or by turning the power off and on, which
   * retained memory does not survive. It restarts as soon as its frames can be unwound, with the cause to read.
   */
  reset(cause: 'pin' | 'power-on' = 'pin', when?: When | Time): void {
    this.#note('reset', cause, when);
    this.#moments.at(when, () => this.#core.requestReset(cause));
  }

  // Reading

  pin(pin: number | string): Level {
    return this.#core.peripherals.gpio.read(this.#core.resolvePin(pin));
  }

  /** How often the line's handler was entered, or the line posted to the mailbox. */
  delivered(line: number | string): number {
    return this.#core.controller.account(this.#core.resolveLine(line)).delivered;
  }

  /** How often the firmware has been restarted. */
  get resets(): number {
    return this.#core.resets.count;
  }

  /** Why the firmware that runs was started. */
  get resetCause(): ResetCause {
    return this.#core.resets.cause;
  }

  /** A copy of guest memory. @throws WirqError `bad-argument` when it does not lie in memory, or before the run. */
  readMemory(address: number, length: number): Uint8Array {
    return copyOfMemory(this.#firmware.memory, address, length);
  }

  /** The value of an exported i32 global: the address of a variable where the linker exported data. */
  addressOf(name: string): number {
    return addressOf(this.#firmware.global(name), name, this.module);
  }

  /** What goes beyond that which happens to a board: to take interrupts back, write memory, end the run. */
  get console(): MachineConsole {
    return new MachineConsole(this.#core, () => this.#firmware.memory, this.#options.tape);
  }

  // Waiting (for scripts)

  /** Until the guest has sent `text` by serial port (or, for port 0, standard output). Consumes it. */
  untilSerial(text: string, options: WaitFor & { readonly port?: number | undefined } = {}): Wait {
    const monitor = this.#core.serial[resolvePort(options.port, this.#core.serial.length)]!;
    monitor.rewind();
    return {
      what: `serial output ${JSON.stringify(text)}`,
      ready: () => monitor.take(text),
      timeout: timeoutOf(options),
      seen: () => `last seen: ${JSON.stringify(monitor.tail(40))}`,
    };
  }

  /** Until the pin has the level; at once when it has it already. */
  untilPin(pin: number | string, level: Level, options: WaitFor = {}): Wait {
    return {
      what: `pin ${pin} at ${level}`,
      ready: () => this.pin(pin) === level,
      timeout: timeoutOf(options),
      seen: () => `it is ${this.pin(pin)}`,
    };
  }

  /** Until the line has been delivered `count` times since reset. */
  untilDelivered(line: number | string, count: number, options: WaitFor = {}): Wait {
    return {
      what: `delivery ${count} of ${line}`,
      ready: () => this.delivered(line) >= count,
      timeout: timeoutOf(options),
      seen: () => `delivered ${this.delivered(line)} times`,
    };
  }

  /** Until the guest has told this event by its mailbox, with this value if one is given. Consumes it and those before. */
  untilEvent(event: number, options: WaitFor & { readonly value?: number | bigint | undefined } = {}): Wait {
    const value = options.value === undefined ? undefined : BigInt.asUintN(64, BigInt(options.value));
    const { guestEvents } = this.#core;
    guestEvents.rewind();
    return {
      what: `event ${event}${value === undefined ? '' : ` with ${value}`}`,
      ready: () => guestEvents.take(event, value),
      timeout: timeoutOf(options),
      seen: () => guestEvents.last,
    };
  }

  /** Until the firmware has been restarted `count` times. */
  untilReset(count: number, options: WaitFor = {}): Wait {
    return {
      what: `reset ${count}`,
      ready: () => this.resets >= count,
      timeout: timeoutOf(options),
      seen: () => `${this.resets} so far`,
    };
  }

  /** Lets machine time pass. */
  delay(time: Time): Wait {
    const distance = checkTime(time, 'delay');
    this.#note('delay', time);
    const until = after(this.#core.clock.now, distance);
    let passed = false;
    const alarm = this.#core.loop.timeline.create(() => {
      passed = true;
    });
    alarm.at(until);
    return { what: `a delay until ${formatDuration(until)}`, ready: () => passed, timeout: undefined };
  }

  /** Until the guest has ended by itself. */
  untilEnd(options: WaitFor = {}): Wait {
    return { what: 'the end of the guest', ready: () => this.outcome !== undefined, timeout: timeoutOf(options) };
  }

  // Running

  /**
   * Runs the guest to its end, or to the end of the script if there is one.
   *
   * @param script called at reset; what it yields are waits of this machine.
   * @throws what the script throws (a WaitError where a wait failed), and WirqError for a module that cannot start.
   * @example
   * const result = machine.run(function* () {
   *   yield machine.untilSerial('ready', { timeout: '50ms' });
   *   machine.raise('BUTTON');
   *   yield machine.untilPin('LED', 1, { timeout: '1ms' });
   * });
   */
  run(script?: () => Script): RunResult {
    return runNow(this.#running(script));
  }

  /**
   * The same for guests that wait for promises: what is asynchronous about the machine happens while the guest is parked.
   * Runs every guest that `run` runs, with the same events.
   *
   * @example const { exitCode } = await machine.runAsync();
   */
  runAsync(script?: () => Script): Promise<RunResult> {
    return runLater(this.#running(script));
  }

  *#running(script: (() => Script) | undefined): Generator<Pause, RunResult, unknown> {
    if (this.#hasRun) throw new WirqError('bad-argument', 'a machine runs once', { advice: 'load the module again' });
    this.#hasRun = true;
    this.#moments.begin();
    const { tape } = this.#options;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = BACKTRACE_LIMIT;
    try {
      tape?.begin();
      yield* this.#firmware.build();
      this.#firmware.onLeft = () => this.#options.realTime?.native?.left(() => this.#finish());
      const played = tape === undefined ? script : tape.script(script);
      if (played !== undefined) this.#driver = attendScript(played(), this.#core);
      yield* this.#firmware.run();
      return this.#finish();
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  /** What the run leaves behind. @throws what the script threw. */
  #finish(): RunResult {
    this.#driver?.advance();
    const result = resultOf(this.#core, this.#firmware, this.#moments.missed);
    this.#core.emit('end', { outcome: result.outcome.kind, code: result.exitCode });
    this.#options.tape?.finish(result);
    const failure = this.#driver?.failure;
    if (failure !== undefined) throw failure.error;
    return result;
  }

  /** Notes in the event log that a script took a step, for scenario players. */
  logStep(step: string, place?: string): void {
    this.#note('logStep', step, place);
    this.#core.emit('step', place === undefined ? { step } : { step, place });
  }

  /** Notes in the event log that an expectation was checked; for scenario players. */
  logExpectation(what: string, passed: boolean, expected: string, actual: string): void {
    this.#note('logExpectation', what, passed, expected, actual);
    this.#core.emit('expect', { what, passed, expected, actual });
  }
}

function timeoutOf(options: WaitFor) {
  return options.timeout === undefined ? undefined : checkTime(options.timeout, 'timeout');
}
