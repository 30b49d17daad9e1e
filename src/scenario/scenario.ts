/**
 * A scenario as data: what `parse.ts` makes of a scenario file, checked and resolved, and what `player.ts` plays.
 * A superset of version 1 of Wokwi's automation scenarios (docs.wokwi.com/wokwi-ci/automation-scenarios).
 * Numbers are in their ranges, names are known, times are nanoseconds; nothing is left to be refused but what
 * only the module can tell: whether a function or an exported global of a given name exists.
 */
import type { Duration } from '../clock/instant.ts';
import type { ResetCause } from '../devices/device.ts';
import type { Level, Trigger as PinTrigger, Pull } from '../devices/gpio.ts';
import type { Place } from '../errors.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { BoardOptions, UartOptions, WaveformOptions } from '../machine/board-options.ts';
import type { Delivery } from '../machine/options.ts';
import type { RetainedBlock } from '../machine/reset.ts';
import type { When } from '../machine/when.ts';

/** A larger file is refused, in bytes of UTF-8. */
export const MAX_FILE_BYTES = 1 << 20;
export const MAX_STEPS = 10_000;
export const MAX_TRIGGERS = 1_000;
/** What one `write-serial` may send, in bytes. */
export const MAX_WRITE_BYTES = 1 << 16;
/** How long a wait lasts that names no `timeout`, in machine time: as long as Wokwi's command line lets a run last. */
export const DEFAULT_TIMEOUT = 30e9 as Duration;

export interface Scenario {
  readonly file: string;
  readonly version: 1;
  readonly name: string | undefined;
  readonly author: string | undefined;
  readonly machine: MachineSection;
  readonly steps: readonly Step[];
  readonly triggers: readonly Trigger[];
}

/** The `machine:` section; undefined where the file says nothing and the command line or a default decides. */
export interface MachineSection {
  /** Cycles of virtual time per second. */
  readonly hz: number | undefined;
  readonly irqs: ReadonlyMap<string, IrqConfig>;
  readonly pins: ReadonlyMap<string, PinConfig>;
  /** Of eight, from the top. */
  readonly priorityBits: number | undefined;
  readonly deliver: Delivery | undefined;
  readonly seed: number | undefined;
  readonly mailboxPoll: Duration | undefined;
  readonly board: BoardSection;
}

/** The devices, as far as the file says anything of them. */
export interface BoardSection {
  readonly uarts: Readonly<Record<number, UartOptions>>;
  readonly adc:
    | {
        readonly bits: number | undefined;
        readonly reference: number | undefined;
        readonly channels: ReadonlyMap<number, WaveformSection>;
      }
    | undefined;
  readonly watchdog: BoardOptions['watchdog'];
  readonly rtc: BoardOptions['rtc'];
  readonly dma: BoardOptions['dma'];
  readonly retain: readonly RetainedBlock[];
  /** Options of devices that are plugged in from outside, by name. */
  readonly devices: ReadonlyMap<string, Readonly<Record<string, string | number>>>;
}

/** A waveform, or where its samples stand. */
export type WaveformSection =
  | Exclude<WaveformOptions, { readonly samples: unknown }>
  | {
      readonly file: { readonly path: string; readonly rate: number; readonly repeat: boolean; readonly place: Place };
    };

export interface IrqConfig {
  readonly line: LineNumber;
  /** 0 (most urgent) … 255. */
  readonly priority: number | undefined;
  /** The export to call; without one `<NAME>_IRQHandler` and `IRQ<n>_Handler` are looked for. */
  readonly handler: string | undefined;
  readonly deliver: Delivery | undefined;
  readonly place: Place;
}

export interface PinConfig {
  readonly pin: number;
  /** The level that `set-control: {control: pressed, value: 1}` drives: 1 unless the button pulls to ground. */
  readonly active: 'high' | 'low';
  /** The line that an edge of the pin's level raises, or its level. */
  readonly wire: { readonly irq: IrqReference; readonly edge: PinTrigger } | undefined;
  /** A resistor on the board. */
  readonly pull: Pull | undefined;
  /** How long a contact that drives the pin bounces. */
  readonly bounce: Duration | undefined;
}

/** An interrupt line or system exception, with the name to show for it. */
export interface IrqReference {
  readonly line: LineNumber;
  readonly label: string;
}

export interface PinReference {
  readonly pin: number;
  readonly label: string;
}

/** What the outside world can do to the machine, in a step or from a trigger. */
export type Action =
  | { readonly kind: 'irq'; readonly irq: IrqReference }
  | { readonly kind: 'signal'; readonly signal: number; readonly value: number | undefined }
  | {
      readonly kind: 'write-serial';
      readonly port: number;
      readonly bytes: Uint8Array;
      /** The bytes arrive with wrong stop bits. */
      readonly damaged?: boolean | undefined;
    }
  | { readonly kind: 'set-pin'; readonly pin: PinReference; readonly level: Level }
  | { readonly kind: 'release-pin'; readonly pin: PinReference }
  | { readonly kind: 'set-adc'; readonly channel: number; readonly waveform: WaveformSection }
  | { readonly kind: 'reset'; readonly cause: 'pin' | 'power-on' }
  | { readonly kind: 'control'; readonly device: string; readonly control: string; readonly value: string | number };

/**
 * When an action happens, and how often.
 * `when` undefined is at once; `every` is the distance of repetitions after the first; `count` the number of
 * times in all, undefined for once without a period and for ever with one. With `when.kind` `every`, that is the period.
 */
export interface Schedule {
  readonly when: When | undefined;
  readonly every: Duration | undefined;
  readonly count: number | undefined;
}

export type Step = { readonly place: Place; readonly name: string | undefined } & (
  | { readonly kind: 'act'; readonly action: Action; readonly schedule: Schedule }
  | { readonly kind: 'delay'; readonly duration: Duration }
  /** Matches `text` in what came after the last match, and consumes up to its end. */
  | { readonly kind: 'wait-serial'; readonly text: string; readonly timeout: Duration }
  /** Until the interrupt has been delivered `count` times since reset. */
  | { readonly kind: 'wait-irq'; readonly irq: IrqReference; readonly count: number; readonly timeout: Duration }
  | { readonly kind: 'wait-pin'; readonly pin: PinReference; readonly level: Level; readonly timeout: Duration }
  /** Until the guest has told this event, and consumes it. */
  | {
      readonly kind: 'wait-event';
      readonly event: number;
      /** 64 bits, whether with a sign or without; undefined for any. */
      readonly value: bigint | undefined;
      readonly timeout: Duration;
    }
  /** Until the firmware has been restarted `count` times. */
  | { readonly kind: 'wait-reset'; readonly count: number; readonly timeout: Duration }
  /** Exactly `count` restarts so far, the last for this cause. */
  | { readonly kind: 'expect-reset'; readonly count: number; readonly cause: ResetCause | undefined }
  | { readonly kind: 'expect-pin'; readonly pin: PinReference; readonly level: Level }
  /** Exactly `count` deliveries since reset. */
  | { readonly kind: 'expect-irq'; readonly irq: IrqReference; readonly count: number }
  | { readonly kind: 'expect-mem'; readonly address: number | string; readonly value: MemoryValue }
  /** Waits for the run to end. */
  | { readonly kind: 'expect-exit'; readonly code: number; readonly timeout: Duration }
);

export type MemoryType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64';

/** A value as memory holds it: exact, `bigint` for 64-bit integers, already rounded for `f32`. */
export type MemoryValue =
  | { readonly type: 'u64' | 'i64'; readonly equals: bigint }
  | { readonly type: Exclude<MemoryType, 'u64' | 'i64'>; readonly equals: number };

/** Something that happens on its own, from reset on, whatever the steps are doing. `when` is never undefined. */
export interface Trigger {
  readonly place: Place;
  readonly name: string;
  readonly action: Action;
  readonly schedule: Schedule & { readonly when: When };
}
