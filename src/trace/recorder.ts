/**
 * Records a run where it meets what is outside: every answer that the machine gets from there, with the count of instructions at
 * which it got it. Given the same answers, the same module runs the same way, so that this is all a replay needs (replayer.ts).
 * What `preempt` leaves the code as it is counts no instructions, and is refused.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Outside, RealTime } from '../clock/real-time.ts';
import { WirqError } from '../errors.ts';
import type { GivenModules, GuestOfHost, HostAnswer, HostFunction, HostModule } from '../guests/interface.ts';
import { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { hostModules, isPromise } from '../machine/promises.ts';
import type { RunResult } from '../machine/result.ts';
import type { Script } from '../machine/script.ts';
import { chooseStacks } from '../machine/stack-choice.ts';
import type { Tape, TapedMachine } from '../machine/tape.ts';
import type { Lookout } from '../scheduler/participants.ts';
import type { Module } from '../wasm/module.ts';
import { functionsOf, type HeaderContext, headerOf, type RecordedFunction } from './header.ts';
import { recordDirectory } from './recorded-files.ts';
import { WatchedMemory } from './recorded-memory.ts';
import { recordScript } from './recorded-script.ts';
import { bytesOf, type ChunkKind, LARGEST_EMBEDDED_MODULE } from './recording-file.ts';
import { LOOK_DISTANCE } from './tape-format.ts';
import { type TapeSink, TapeWriter } from './tape-writer.ts';
import { describeOutcome, outcomeOf } from './thrown.ts';

/** Where the parts of a recording go. */
export interface RecordingSink {
  part(kind: ChunkKind, content: Uint8Array<ArrayBuffer>): void;
  /** Monotonic milliseconds: what was written is handed on when it is a tenth of a second old. Default: when there is much. */
  readonly nowMs?: (() => number) | undefined;
}

export type RecordingContext = Omit<HeaderContext, 'functions' | 'sha256' | 'stacks'>;

/** On the tape, in place of a value. */
export const PROMISE = 'promise';
/** Among calls of the machine's methods: one of a function of the guest's. */
export const GUEST_FUNCTION = 'function';

/** What was recorded may be old enough to be handed on each time that somebody has looked in so often. */
const LOOKS = 64;
/** A sleep of so long, or of no known length, is begun with nothing left to hand on. */
const LONG_REST_NS = 100_000_000;

export class Recorder implements Tape {
  readonly #sink: RecordingSink;
  readonly #tape: TapeWriter;
  readonly #memory = new WatchedMemory();
  readonly #output = { stdout: 0, stderr: 0 };
  #functions: readonly RecordedFunction[] = [];
  #machine: TapedMachine | undefined;
  #looks = 0;
  #isClosed = false;

  constructor(sink: RecordingSink) {
    this.#sink = sink;
    const pieces: TapeSink = { piece: (bytes) => sink.part('tape', bytes), nowMs: sink.nowMs };
    this.#tape = new TapeWriter(pieces, () => this.#machine?.instructions ?? 0);
  }

  /** Makes the machine whose run is recorded. @throws WirqError as `Machine.load`, and for what cannot be recorded. */
  load(bytes: Uint8Array, options: MachineOptions, context: RecordingContext): Machine {
    const { preempt } = options;
    if (preempt === 'native' || preempt === 'calls') {
      throw new WirqError('unsupported', `a run with preemption by ${preempt} cannot be recorded: it counts no work`, {
        advice: 'use safepoints, the default: --preempt safepoints',
      });
    }
    const machine = Machine.load(bytes, this.#taped(options));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const stacks = chooseStacks(machine.module, { ...options, tape: this }, this.#asksForStacks(machine.module));
    const header = headerOf(machine.module, options, { ...context, sha256, functions: this.#functions, stacks });
    this.#sink.part('header', bytesOf(header));
    if (bytes.length <= LARGEST_EMBEDDED_MODULE) this.#sink.part('module', Uint8Array.from(bytes));
    // In real time, an event that is seen asks what time it is, and so has to be seen then and now. Otherwise it costs only time.
    if (options.realTime !== undefined) machine.onEvent((event) => this.#tape.events.add(event));
    this.#tape.enter('setup');
    return machine;
  }

  /** A function of the user's that gives promises, and that the module imports. */
  #asksForStacks(module: Module): string | undefined {
    const promising = this.#functions.filter(({ latency }) => latency !== undefined);
    const imports = (each: RecordedFunction) =>
      module.imports.some(({ module: from, name }) => from === each.module && name === each.name);
    return promising.find(imports)?.name;
  }

  /** Nothing more comes. `report`: what is to be known of the run besides, such as a scenario's verdict. */
  close(report: Readonly<Record<string, unknown>> = {}): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tape.flush();
    this.#sink.part('end', bytesOf(report));
  }

  // What the machine asks of its options

  #taped(options: MachineOptions): MachineOptions {
    const tape = this.#tape;
    const { stdin, sourceMap, wall, preopens, imports, onOutput, realTime } = options;
    return {
      ...options,
      tape: this,
      realTime: realTime && this.#realTime(realTime),
      wall: wall && this.#wall(wall),
      stdin: stdin && ((max) => this.#input(stdin, max)),
      sourceMap: sourceMap && ((url) => this.#answered('text', () => sourceMap(url)) as string | undefined),
      preopens: preopens?.map((each) => recordDirectory(each, tape)),
      imports: imports && ((guest) => this.#imports(imports, guest)),
      onOutput: (stream, bytes) => {
        this.#output[stream] = crc32(bytes, this.#output[stream]);
        if (onOutput !== undefined) tape.within('output', () => onOutput(stream, bytes));
      },
    };
  }

  #realTime(realTime: RealTime): RealTime {
    const tape = this.#tape;
    return {
      ratio: realTime.ratio,
      handling: realTime.handling,
      nowNs: () => tape.time(realTime.nowNs())!,
      reached: (ns) => {
        const now = Math.floor(realTime.nowNs());
        return tape.time(now >= ns ? now : undefined);
      },
      rest: (ns) => {
        if (ns === undefined || ns >= LONG_REST_NS) tape.flush();
        else tape.flushInTime();
        realTime.rest(ns);
      },
      outside: realTime.outside && this.#outside(realTime.outside),
    };
  }

  #outside(outside: Outside): Outside {
    const tape = this.#tape;
    let open = true;
    return {
      get open() {
        if (tape.asked('open', outside.open !== open)) open = !open;
        return open;
      },
      get rung() {
        return tape.asked('rung', outside.rung);
      },
      take: () => tape.within('take', () => outside.take()),
      stopped: () => outside.stopped?.(),
    };
  }

  /** The first time that is asked for is when the limit begins to count. */
  #wall({ nowMs, limitMs, sleep }: NonNullable<MachineOptions['wall']>): NonNullable<MachineOptions['wall']> {
    let end: number | undefined;
    const read = () => {
      const now = nowMs();
      if (end === undefined) end = now + limitMs;
      else this.#tape.asked('wall', now >= end);
      return now;
    };
    return { nowMs: read, limitMs, sleep };
  }

  #input(read: NonNullable<MachineOptions['stdin']>, max: number): Uint8Array | undefined {
    this.#tape.flushInTime(); // it may wait long
    const bytes = read(max);
    this.#tape.input(bytes);
    return bytes;
  }

  #imports(given: NonNullable<MachineOptions['imports']>, guest: GuestOfHost): GivenModules {
    const memory = this.#memory.given(() => guest.memory());
    const modules = hostModules({ imports: given }, { memory, function: (name) => this.#guestFunction(guest, name) });
    this.#functions = functionsOf(modules);
    return Object.fromEntries(
      Object.entries(modules).map(([name, functions]) => {
        const taped = Object.entries(functions).map(([each, value]) => [
          each,
          this.#function(`${name}.${each}`, value),
        ]);
        return [name, Object.fromEntries(taped) as HostModule];
      }),
    );
  }

  /** A function of the guest's, for host functions to call: to be called again, and so the memory has to be as it was. */
  #guestFunction(guest: GuestOfHost, name: string): ReturnType<GuestOfHost['function']> {
    const call = guest.function(name);
    if (call === undefined) return undefined;
    return (...args) => {
      this.#noteMemory();
      this.#tape.called(GUEST_FUNCTION, [name, ...args]);
      try {
        return call(...args);
      } finally {
        this.#memory.look();
      }
    };
  }

  #function(name: string, given: HostFunction): HostFunction {
    const { async } = given;
    const call = (...args: unknown[]) => {
      this.#enter('call');
      let value: unknown;
      try {
        value = given.call(...args);
      } catch (error) {
        this.#leave();
        return this.#put(name, 'host', { error });
      }
      this.#leave();
      if (typeof value !== 'number') return this.#put(name, 'host', { value });
      this.#tape.number('host', value);
      return value;
    };
    if (async === undefined) return { ...given, call };
    const answered = (result: () => HostAnswer) => this.#put(name, 'settled', outcomeOf(result)) as HostAnswer;
    return { ...given, call, async: { ...async, answered } };
  }

  /** Writes down what was given. @returns or throws it. */
  #put(name: string, answer: 'host' | 'settled', outcome: ReturnType<typeof outcomeOf>): unknown {
    const promised = 'value' in outcome && isPromise(outcome.value);
    try {
      this.#tape.answer(answer, promised ? PROMISE : describeOutcome(outcome));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new WirqError('unsupported', `${name} gave what cannot be recorded: ${error.message}`, {
        advice: 'host functions give numbers while a run is recorded',
      });
    }
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  #answered(answer: 'text', work: () => unknown): unknown {
    const outcome = outcomeOf(work);
    this.#tape.answer(answer, describeOutcome(outcome));
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  // Code of outsiders, which may write to memory

  #enter(section: 'call' | 'pause'): void {
    this.#tape.enter(section);
    this.#memory.look();
  }

  #leave(): void {
    this.#noteMemory();
    this.#tape.leave();
  }

  #noteMemory(): void {
    const change = this.#memory.changes();
    if (change !== undefined) this.#tape.memory(change.grownTo, change.patches);
  }

  // Tape

  readonly lookout: Lookout = {
    distance: LOOK_DISTANCE,
    look: () => {
      if (++this.#looks % LOOKS === 0) this.#tape.flushInTime();
      return undefined;
    },
  };

  connect(machine: TapedMachine): void {
    this.#machine = machine;
  }

  called(method: string, args: readonly unknown[]): void {
    this.#tape.called(method, args);
  }

  outsider(act: () => void): () => void {
    return () => this.#tape.within('moment', act);
  }

  script(script: (() => Script) | undefined): (() => Script) | undefined {
    this.#tape.answer('scripted', script !== undefined);
    return script && (() => recordScript(script, this.#tape));
  }

  pause(): void {
    this.#tape.flushInTime();
    this.#enter('pause');
  }

  resume(): void {
    this.#leave();
  }

  rewritten(bytes: Uint8Array): void {
    this.#tape.answer('rewritten', crc32(bytes));
  }

  begin(): void {
    this.#tape.leave();
    this.#tape.flush();
  }

  finish(result: RunResult): void {
    const { events } = this.#tape;
    const { stdout, stderr } = this.#output;
    const end = [result.outcome.kind, result.exitCode, result.time, result.instructions];
    this.#tape.end([...end, events.count, events.value, stdout, stderr]);
  }
}
