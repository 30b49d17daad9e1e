/**
 * Repeats a recorded run: the machine asks the same of the tape as it asked of the outside, and gets the same answers, in no time
 * at all. Every answer is compared by the instruction at which it was asked for, so that a run which is not the recorded one is
 * found out at once. Of the recording nothing is trusted: it names no file that is read, and no code but the module's runs.
 */
import { crc32 } from 'node:zlib';
import { formatDuration } from '../clock/instant.ts';
import type { RealTime } from '../clock/real-time.ts';
import { WirqError } from '../errors.ts';
import type { GuestOfHost, HostAnswer, HostFunction } from '../guests/interface.ts';
import { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import type { RunResult } from '../machine/result.ts';
import type { Script } from '../machine/script.ts';
import { whyNot } from '../machine/stack-choice.ts';
import type { Tape, TapedMachine } from '../machine/tape.ts';
import type { Outcome } from '../scheduler/outcome.ts';
import type { Lookout } from '../scheduler/participants.ts';
import type { BackendName } from '../stacks/backend.ts';
import { parseModule } from '../wasm/module.ts';
import { functionsFrom, plainOptions, type RecordedFunction } from './header.ts';
import { replayDirectory } from './recorded-files.ts';
import { applyChange } from './recorded-memory.ts';
import { replayScript } from './recorded-script.ts';
import { GUEST_FUNCTION, PROMISE } from './recorder.ts';
import { moduleFor, type Recording } from './recording.ts';
import { badRecording, isRecord } from './recording-file.ts';
import { repeatCall } from './repeated-calls.ts';
import { LOOK_DISTANCE } from './tape-format.ts';
import { TapeReader } from './tape-reader.ts';
import { outcomeOf, repeatOutcome } from './thrown.ts';

/** Where a replay is stopped: after everything that happened up to this moment. */
export type Until = { readonly time: number } | { readonly instructions: number };

export interface ReplayOptions
  extends Pick<MachineOptions, 'onOutput' | 'devices' | 'asyncify' | 'compile' | 'verify' | 'stacks' | 'sourceMap'> {
  /** The module, where it is not part of the recording. */
  readonly module?: Uint8Array | undefined;
  readonly until?: Until | undefined;
  /** Ends the replay after so much wall-clock time. */
  readonly wall?: { readonly nowMs: () => number; readonly limitMs: number } | undefined;
}

export class Replay implements Tape {
  /** Made as the recorded one was. Its `run` repeats the run; what is asked of it before is not in the recording. */
  readonly machine: Machine;
  readonly #recording: Recording;
  readonly #options: ReplayOptions;
  readonly #tape: TapeReader;
  readonly #output = { stdout: 0, stderr: 0 };
  readonly #deadlineMs: number;
  #taped: TapedMachine | undefined;
  #guest: GuestOfHost | undefined;
  #origin: number | undefined;
  #failure: WirqError | undefined;
  #stopped = false;

  /** @throws WirqError `bad-recording` for one that cannot be replayed here, and what `Machine.load` throws. */
  constructor(recording: Recording, options: ReplayOptions = {}) {
    this.#recording = recording;
    this.#options = options;
    this.#deadlineMs = options.wall === undefined ? 0 : options.wall.nowMs() + options.wall.limitMs;
    const module = moduleFor(recording, options.module);
    const self = this;
    this.#tape = new TapeReader(recording.pieces(), {
      get instructions() {
        return self.#taped?.instructions ?? 0;
      },
      exhausted: () => this.#stop(endOf(recording)),
      diverged: (error) => {
        this.#failure ??= error;
        this.#stop(error.message);
      },
    });
    this.#tape.begin();
    this.machine = this.#load(module);
    this.#tape.section('setup', this.#repeat);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether the run went on beyond what was looked at, or beyond the recording. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Hears every event up to where the replay stops. */
  onEvent(listener: Parameters<Machine['onEvent']>[0]): void {
    this.machine.onEvent((event) => {
      if (!this.#stopped || event.kind === 'end') listener(event);
    });
  }

  #load(module: Uint8Array): Machine {
    try {
      const machine = Machine.load(module, this.#machineOptions(module));
      const { realTime } = this.#recording.header;
      machine.onEvent((event) => {
        if (this.#isPast(event.time, event.instructions)) this.#stopHere();
        if (realTime !== undefined) this.#tape.event(event);
      });
      return machine;
    } catch (error) {
      if (error instanceof WirqError) throw error;
      throw badRecording(`the machine it speaks of cannot be made: ${(error as Error).message}`, undefined, error);
    }
  }

  #machineOptions(module: Uint8Array): MachineOptions {
    const tape = this.#tape;
    const { header } = this.#recording;
    const { devices = {}, asyncify, compile, verify } = this.#options;
    this.#checkDevices(header.devices);
    const functions = (guest: GuestOfHost) => {
      this.#guest = guest;
      return functionsFrom(header.functions, (each) => this.#function(each));
    };
    return {
      ...plainOptions(header),
      ...this.#stacks(module),
      tape: this,
      devices,
      asyncify,
      compile,
      verify,
      realTime: header.realTime && this.#realTime(header.realTime),
      wall: header.wallLimitMs === undefined ? undefined : this.#wall(header.wallLimitMs),
      stdin: header.stdin ? () => this.#input() : undefined,
      sourceMap: header.sourceMap ? () => this.#text() : undefined,
      preopens: header.directories.map((name) => replayDirectory(name, tape)),
      imports: header.functions.length > 0 ? functions : undefined,
      onOutput: (stream, bytes) => {
        if (this.#stopped) return;
        this.#output[stream] = crc32(bytes, this.#output[stream]);
        this.#options.onOutput?.(stream, bytes);
        tape.section('output', this.#repeat);
      },
    };
  }

  #checkDevices(names: readonly string[]): void {
    const { devices = {} } = this.#options;
    for (const name of names) {
      if (Object.hasOwn(devices, name)) continue;
      throw new WirqError('bad-recording', `it was made with a device ${name}, which is not part of it`, {
        advice: `plug it in: --device ${name}=FILE.js, the same as then; it must take time and chance from its board`,
      });
    }
    const other = Object.keys(devices).find((name) => !names.includes(name));
    if (other !== undefined) throw new WirqError('bad-recording', `it was made without a device ${other}`);
  }

  /** Which there are depends on the engine. By `jspi` runs go another way, in the order in which things are looked at. */
  #stacks(bytes: Uint8Array): Pick<MachineOptions, 'stacks'> {
    const { stacks, asyncify } = this.#options;
    const { stacks: recorded } = this.#recording.header;
    if (stacks !== undefined || recorded === 'nested') return { stacks };
    const module = parseModule(bytes);
    const kinds: readonly BackendName[] = recorded === 'jspi' ? ['jspi'] : ['wasmfx', 'asyncify'];
    const reasons = kinds.map((name) => [name, whyNot(name, module, asyncify)] as const);
    const usable = reasons.filter(([, reason]) => reason === undefined).map(([name]) => name);
    if (usable.length > 0) return { stacks: usable.find((name) => name === recorded) ?? usable[0] };
    throw new WirqError(
      'unsupported',
      `it was recorded on stacks by ${recorded}, which this engine has no way to repeat`,
      {
        advice: reasons.map(([name, reason]) => `${name}: ${reason}`).join('; '),
      },
    );
  }

  // What the machine asks of its options

  #realTime({ ratio, outside }: NonNullable<Recording['header']['realTime']>): RealTime {
    const tape = this.#tape;
    const time = () => {
      const now = tape.time();
      if (now !== undefined) this.#origin ??= now;
      return now;
    };
    let open = true;
    return {
      ratio,
      nowNs: () => {
        const now = time();
        if (now === undefined) tape.fail('it asks what time it is, and the recording does not say');
        return now ?? tape.lastTime;
      },
      reached: time,
      rest: () => {},
      outside: outside
        ? {
            get open() {
              if (tape.flag('open')) open = !open;
              return open;
            },
            get rung() {
              return tape.flag('rung');
            },
            take: () => tape.section('take', this.#repeat),
          }
        : undefined,
    };
  }

  /** The first time that is asked for is when the limit begins to count. */
  #wall(limitMs: number): NonNullable<MachineOptions['wall']> {
    let begun = false;
    const nowMs = () => {
      const reached = begun && this.#tape.flag('wall');
      begun = true;
      return reached ? Number.POSITIVE_INFINITY : 0;
    };
    return { nowMs, limitMs };
  }

  #input(): Uint8Array | undefined {
    const bytes = this.#tape.input();
    if (bytes === undefined && !this.#tape.isOver) return undefined;
    return bytes instanceof Uint8Array ? bytes : new Uint8Array(0);
  }

  #text(): string | undefined {
    const text = repeatOutcome(this.#tape.answer('text'));
    return typeof text === 'string' ? text : undefined;
  }

  #function({ signature, timeless, bare, latency }: RecordedFunction): HostFunction {
    const tape = this.#tape;
    const call = () => {
      tape.section('call', this.#repeat);
      const given = tape.answer('host');
      return given === PROMISE ? Promise.resolve() : repeatOutcome(given);
    };
    const plain = { signature, timeless, bare, call };
    if (latency === undefined) return plain;
    const answered = () => hostAnswer(repeatOutcome(tape.answer('settled')));
    return { ...plain, async: { latency_ns: latency === 'default' ? undefined : latency, answered } };
  }

  /** Does again what outsiders did. A call that was refused then is refused again, and whoever made it has seen to that. */
  readonly #repeat = (name: 'called' | 'memory', value: unknown): void => {
    if (name === 'memory') {
      if (!applyChange(this.#guest?.memory(), value)) this.#tape.fail('memory cannot be changed as it was');
    } else if (Array.isArray(value) && value[0] === GUEST_FUNCTION) this.#callGuest(value[1], value.slice(2));
    else this.#callMachine(value);
  };

  #callMachine(value: unknown): void {
    try {
      const makesSense = repeatCall(this.machine, value, () => this.#tape.section('moment', this.#repeat));
      if (!makesSense) this.#tape.fail('a call of the machine makes no sense');
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error;
      if (!(error instanceof WirqError)) this.#tape.fail(`a call of the machine makes no sense: ${String(error)}`);
    }
  }

  /** What the guest's function gave or threw is the business of the host function that called it. */
  #callGuest(name: unknown, args: readonly unknown[]): void {
    const call = this.#guest?.function(String(name));
    if (call === undefined) this.#tape.fail(`the guest has no function ${String(name)}`);
    else outcomeOf(() => call(...args));
  }

  // Stopping

  #isPast(time: number, instructions: number): boolean {
    const { until } = this.#options;
    if (until === undefined || this.#stopped) return false;
    return 'time' in until ? time > until.time : instructions > until.instructions;
  }

  #stop(message: string): Outcome {
    const outcome: Outcome = { kind: 'stopped', message };
    this.#stopped = true;
    this.#tape.end();
    this.#taped?.conclude(outcome);
    return outcome;
  }

  #stopHere(): Outcome {
    const { until } = this.#options;
    const where =
      until !== undefined && 'time' in until ? formatDuration(until.time) : `instruction ${until?.instructions}`;
    return this.#stop(`the replay was to go until ${where}`);
  }

  // Tape

  readonly lookout: Lookout = this.#lookout();

  #lookout(): Lookout {
    const replay = this;
    return {
      get distance() {
        return Math.max(1, Math.min(LOOK_DISTANCE, replay.#tape.distanceToEnd, replay.#distanceToUntil()));
      },
      look: () => this.#look(),
    };
  }

  #look(): Outcome | undefined {
    if (this.#stopped) return undefined;
    const { wall } = this.#options;
    if (wall !== undefined && wall.nowMs() >= this.#deadlineMs) {
      this.#stop('');
      return { kind: 'timeout', limit: 'wall', message: `the replay is not done after ${wall.limitMs} ms` };
    }
    if (this.#isPast(this.#time(), this.#taped?.instructions ?? 0)) return this.#stopHere();
    this.#tape.look();
    return undefined;
  }

  /** Machine time, as far as it is known without asking. */
  #time(): number {
    const { realTime } = this.#recording.header;
    if (realTime === undefined) return this.machine.now;
    return this.#origin === undefined ? 0 : Math.floor((this.#tape.lastTime - this.#origin) * (realTime.ratio ?? 1));
  }

  /** In instructions. In real time the moment shows in what is read from the tape. */
  #distanceToUntil(): number {
    const { until } = this.#options;
    if (until === undefined) return LOOK_DISTANCE;
    if ('instructions' in until) return until.instructions + 1 - (this.#taped?.instructions ?? 0);
    if (this.#recording.header.realTime !== undefined || this.#taped === undefined) return LOOK_DISTANCE;
    return Math.ceil(((until.time + 1 - this.machine.now) * this.#taped.hz) / 1e9);
  }

  connect(machine: TapedMachine): void {
    this.#taped = machine;
  }

  called(): void {}

  outsider(act: () => void): () => void {
    return act;
  }

  script(): (() => Script) | undefined {
    if (this.#tape.answer('scripted') !== true) return undefined;
    return () => replayScript(this.#tape, this.#repeat);
  }

  pause(): void {}

  resume(): void {
    this.#tape.section('pause', this.#repeat);
  }

  rewritten(bytes: Uint8Array): void {
    const recorded = this.#tape.answer('rewritten');
    if (this.#tape.isOver || recorded === crc32(bytes)) return;
    throw new WirqError(
      'bad-recording',
      'this version of wirq prepares the module otherwise than the one that recorded',
      {
        advice: `replay it with the version that recorded it, ${this.#recording.header.wirq}`,
      },
    );
  }

  begin(): void {}

  finish(result: RunResult): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#stopped) return;
    const { events } = this.#tape;
    const recorded = this.#tape.answer('end');
    if (this.#failure !== undefined) throw this.#failure;
    if (!Array.isArray(recorded)) return; // it was cut off before its end
    const { stdout, stderr } = this.#output;
    const end = [result.outcome.kind, result.exitCode, result.time, result.instructions];
    const names = ['outcome', 'exit code', 'time', 'instructions', 'number of events', 'events', 'stdout', 'stderr'];
    for (const [at, value] of [...end, events.count, events.value, stdout, stderr].entries()) {
      if (recorded[at] === value) continue;
      throw badRecording(`the run did not end as recorded: ${names[at]} ${value} instead of ${String(recorded[at])}`);
    }
  }
}

/** Why a recording ends before its run. */
function endOf({ report: { failure } }: Recording): string {
  if (typeof failure !== 'string') return 'the recording ends here, though the run went on';
  return `the recorded run ended here, because of what was thrown: ${failure}`;
}

/** What a promise gave, as a guest can take it. */
function hostAnswer(given: unknown): HostAnswer {
  if (typeof given === 'number' || typeof given === 'bigint') return given;
  if (!isRecord(given) || !Array.isArray(given.payload)) return undefined;
  return { exception: String(given.exception), payload: given.payload.filter((each) => typeof each !== 'object') };
}
