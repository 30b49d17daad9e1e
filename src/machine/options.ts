/**
 * How a machine is configured: the options of `Machine.load`, checked and filled with defaults in one place.
 */

import { type Duration, duration, parseDuration, parseFrequency } from '../clock/instant.ts';
import type { RealTime } from '../clock/real-time.ts';
import { PIN_COUNT, type Trigger } from '../devices/gpio.ts';
import { WirqError } from '../errors.ts';
import type { GivenModules, GuestOfHost } from '../guests/interface.ts';
import type { Preopen } from '../guests/wasi-directory.ts';
import { lineNumber } from '../interrupts/exceptions.ts';
import { LEAST_PRIORITY_BITS, MOST_PRIORITY_BITS } from '../interrupts/priorities.ts';
import type { Granularity } from '../rewrite/instrument.ts';
import type { Asyncify } from '../stacks/asyncify.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { LoadSourceMap } from '../wasm/source-map.ts';
import type { BoardOptions } from './board-options.ts';
import type { RetainedBlock } from './reset.ts';
import type { Tape } from './tape.ts';
import type { DeviceClass, DeviceOptions } from './user-devices.ts';
import type { verifyRewriting } from './verify.ts';

/** How an interrupt reaches the guest: a forced call on the handler stack, or a post to its mailbox. */
export type Delivery = 'handler' | 'mailbox';

export const DELIVERIES: readonly Delivery[] = ['handler', 'mailbox'];

/** Where a guest can be interrupted: at safepoints that are put into it, wherever the engine looks, when it calls out. */
export type Preemption = 'safepoints' | 'native' | 'calls';

export const PREEMPTIONS: readonly Preemption[] = ['safepoints', 'native', 'calls'];

export interface IrqConfig {
  /** 0 … 239, or a system exception's negative number. */
  readonly line: number;
  /** 0 (most urgent) … 255. */
  readonly priority?: number | undefined;
  /** The export that handles the line. */
  readonly handler?: string | undefined;
  readonly deliver?: Delivery | undefined;
}

/** A time with its unit as text (`10ms`), or whole nanoseconds as a number. */
export type Time = string | number;

export interface MachineOptions {
  /** The module's file name, for messages. */
  readonly file?: string | undefined;
  /** Clock rate: hertz, or text such as `16MHz`. One charged instruction is one cycle. Default 16 MHz. */
  readonly hz?: number | string | undefined;
  /** The host's time and what comes with it: the machine runs in real time, and not repeatably. Default: virtual time. */
  readonly realTime?: RealTime | undefined;
  /** Default `safepoints`; the others, in real time only, leave the module's code as it is and count no instructions. */
  readonly preempt?: Preemption | undefined;
  /** Feeds everything random. Default 0. */
  readonly seed?: number | undefined;
  /** Names for interrupt lines. `{BUTTON: 3}` is short for `{BUTTON: {line: 3}}`. */
  readonly irqs?: Readonly<Record<string, number | IrqConfig>> | undefined;
  /** Names for pins 0 … 255. */
  readonly pins?: Readonly<Record<string, number>> | undefined;
  /** Pins that raise a line. */
  readonly wires?:
    | readonly {
        readonly pin: string | number;
        readonly line: string | number;
        /** What raises it: an edge, or a level for as long as it lasts. Default `both` edges. */
        readonly edge?: Trigger | undefined;
      }[]
    | undefined;
  /** How the board's devices are configured. */
  readonly board?: BoardOptions | undefined;
  /** Devices of one's own, by name: their classes, and what each is configured with. */
  readonly devices?: Readonly<Record<string, DeviceClass>> | undefined;
  readonly deviceOptions?: Readonly<Record<string, DeviceOptions>> | undefined;
  /** Memory that survives resets. A module may declare a block of its own (`wirq_retained`). */
  readonly retain?: readonly RetainedBlock[] | undefined;
  /** How many bits of a priority are implemented, from the top, 2 to 8; the others read as zero. Default 8. */
  readonly priorityBits?: number | undefined;
  /** For every line that does not say otherwise. Default: what the module declares. */
  readonly deliver?: Delivery | undefined;
  /** What the guest sees as `argv[1…]`. */
  readonly args?: readonly string[] | undefined;
  /** `argv[0]`. Default: the file's name, else `firmware`. */
  readonly argv0?: string | undefined;
  /** The guest's environment. Default: empty. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directories the guest may reach (`openPreopen` makes them). Default: none. */
  readonly preopens?: readonly Preopen[] | undefined;
  /** The function to call where there is no `_start`. Default: an exported `main`. */
  readonly invoke?: string | undefined;
  /** Ends the run at this machine time. */
  readonly timeout?: Time | undefined;
  /**
   * Ends the run when a handler has neither returned nor waited for so much machine time; `none` for no limit. Default: 10 s
   * in real time, none in virtual time.
   */
  readonly handlerTimeout?: Time | 'none' | undefined;
  /** Ends the run when so many instructions have been charged. */
  readonly maxInstructions?: number | undefined;
  /** Ends the run after so much wall-clock time, by the given monotonic clock. */
  readonly wall?:
    | {
        readonly nowMs: () => number;
        readonly limitMs: number;
        /** Lets so much real time pass, for waits of the machine itself; without it they are not limited. */
        readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
      }
    | undefined;
  /** The outbox is polled at least this often. Default 100 µs of machine time. */
  readonly mailboxPoll?: Time | undefined;
  /** Functions in which no handler runs, by name. Default: AssemblyScript's runtime, `~lib/rt/*`. */
  readonly maskFunction?: ((name: string) => boolean) | undefined;
  /** More of them: names, in which `*` stands for any characters. `none` takes the default away. */
  readonly maskFunctions?: readonly string[] | undefined;
  /** Gives the text of a file that the module names as its source map (`sourceMapsBeside` makes one). Default: none. */
  readonly sourceMap?: LoadSourceMap | undefined;
  /** Where the guest can be interrupted, and how exactly its work is counted. Default `loop`. */
  readonly granularity?: Granularity | undefined;
  /** What tasks, side stacks and handlers run on. Default `auto`: the best there is, `nested` where nothing needs more. */
  readonly stacks?: BackendName | 'auto' | undefined;
  /** How long a task runs before others of its priority have their turn. Default 1 ms of machine time. */
  readonly slice?: Time | undefined;
  /** What a trap in a task or on a side stack does: it ends that one alone, or is a HardFault besides. Default `end`. */
  readonly faults?: 'end' | 'hardfault' | undefined;
  /** Binaryen's pass for stacks by `asyncify`: `await loadAsyncify()`. Default: not there. */
  readonly asyncify?: Asyncify | undefined;
  /** Checks the rewritten module before anything runs: `verifyRewriting`. Default: trust the rewriter. */
  readonly verify?: typeof verifyRewriting | undefined;
  /**
   * Further imports for the guest. They win over wirq's own. Functions may be async: their callers then wait. Given as a
   * function, they can reach the guest's memory.
   */
  readonly imports?: GivenModules | ((guest: GuestOfHost) => GivenModules) | undefined;
  /** Standard input: takes up to `max` bytes; empty when none has arrived yet, undefined at its end. Default: at its end. */
  readonly stdin?: ((max: number) => Uint8Array | undefined) | undefined;
  /** Who writes down what comes from outside, or does it again: made by `recordMachine` and `replayMachine`. */
  readonly tape?: Tape | undefined;
  /** Hears what the guest writes to standard output (serial port 0 included) and standard error. */
  readonly onOutput?: ((stream: 'stdout' | 'stderr', bytes: Uint8Array) => void) | undefined;
  /** Turns bytes into a module; a host may choose the engine's tier. Default: `new WebAssembly.Module`. */
  readonly compile?: ((bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module) | undefined;
}

export const DEFAULT_HZ = 16_000_000;
export const DEFAULT_SLICE = 1_000_000 as Duration;
export const DEFAULT_MAILBOX_POLL = 100_000 as Duration;

/** The names that scenarios, scripts and logs use, resolved and checked. */
export interface Names {
  readonly irqs: ReadonlyMap<string, IrqConfig>;
  readonly pins: ReadonlyMap<string, number>;
}

/** From the cheapest to the finest. */
export const GRANULARITIES: readonly Granularity[] = ['loop', 'block', 'access', 'instruction'];

export function checkGranularity(granularity: string | undefined): Granularity | undefined {
  if (granularity === undefined) return undefined;
  const known = GRANULARITIES.find((each) => each === granularity);
  if (known !== undefined) return known;
  throw new WirqError('bad-argument', `${JSON.stringify(granularity)} is not a granularity`, {
    advice: `choose ${GRANULARITIES.join(', ')}`,
  });
}

export function checkSlice(slice: Time | undefined): Duration {
  const checked = slice === undefined ? DEFAULT_SLICE : checkTime(slice, 'slice');
  if (checked > 0) return checked;
  throw new WirqError('bad-argument', 'a slice of 0 never lets a task run', { advice: 'write for example 1ms' });
}

export function checkPriorityBits(bits: number | undefined): number {
  if (bits === undefined) return MOST_PRIORITY_BITS;
  if (Number.isInteger(bits) && bits >= LEAST_PRIORITY_BITS && bits <= MOST_PRIORITY_BITS) return bits;
  throw new WirqError('bad-argument', `${bits} is not a number of priority bits`, {
    advice: `give ${LEAST_PRIORITY_BITS} to ${MOST_PRIORITY_BITS}: a Cortex-M0 has 2, others 3 to 8`,
  });
}

export function checkHz(hz: number | string | undefined): number {
  if (hz === undefined) return DEFAULT_HZ;
  const value = typeof hz === 'string' ? parseFrequency(hz) : hz;
  if (value !== undefined && Number.isSafeInteger(value) && value >= 1 && value <= 10e9) return value;
  throw new WirqError('bad-argument', `${JSON.stringify(hz)} is not a clock rate`, {
    advice: 'write for example 16MHz; a rate is a whole number of hertz, from 1Hz to 10GHz',
  });
}

/** Whole nanoseconds, or text with a unit. */
export function checkTime(time: Time, what: string): Duration {
  if (typeof time === 'number') return duration(time);
  const parsed = parseDuration(time);
  if (parsed !== undefined) return parsed;
  throw new WirqError('bad-argument', `${what}: ${JSON.stringify(time)} is not a time`, {
    advice: 'write a number with a unit, for example 10ms, 1.5s or 100us',
  });
}

export function checkSeed(seed: number | undefined): number {
  if (seed === undefined) return 0;
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff) return seed;
  throw new WirqError('bad-argument', `${seed} is not a seed`, {
    advice: 'seeds are whole numbers from 0 to 4294967295',
  });
}

export function checkNames(options: MachineOptions): Names {
  const irqs = new Map<string, IrqConfig>();
  for (const [name, given] of Object.entries(options.irqs ?? {})) {
    const config = typeof given === 'number' ? { line: given } : given;
    lineNumber(config.line);
    const { priority } = config;
    if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) {
      throw new WirqError('bad-argument', `${name}: ${priority} is not a priority`, {
        advice: 'priorities are 0 (most urgent) to 255',
      });
    }
    irqs.set(name, config);
  }
  const pins = new Map<string, number>();
  for (const [name, pin] of Object.entries(options.pins ?? {})) {
    pins.set(name, checkPin(pin));
  }
  return { irqs, pins };
}

export function checkPin(pin: number): number {
  if (Number.isInteger(pin) && pin >= 0 && pin < PIN_COUNT) return pin;
  throw new WirqError('bad-argument', `there is no pin ${pin}`, { advice: `pins are 0…${PIN_COUNT - 1}` });
}
