/**
 * Resets: why the firmware began, how often it was restarted, and the memory that survives. After a reset the module is
 * instantiated anew, so that its memory and globals are as at the start, but for retained blocks, which are copied over.
 * A power cycle loses those, too.
 */
import { duration } from '../clock/instant.ts';
import type { ResetCause } from '../devices/device.ts';
import { WirqError } from '../errors.ts';
import { guestBytes } from '../guests/memory.ts';

/** The global whose value is the address of a block that survives; its first u32 is the block's size in bytes. */
export const RETAINED_EXPORT = 'wirq_retained';

/** Machine time between a reset and the firmware's first instruction, so that firmware which only resets itself gets on in time. */
export const RESET_TIME = duration(10_000);

/** A block of memory that survives resets. */
export interface RetainedBlock {
  /** A number, or the name of an exported global. */
  readonly address: number | string;
  readonly bytes: number;
}

/** The guest, as far as retained memory is concerned. */
export interface RetainingGuest {
  readonly memory: WebAssembly.Memory | undefined;
  global(name: string): number | undefined;
}

export class ResetState {
  #cause: ResetCause = 'power-on';
  #requested: ResetCause | undefined;
  #count = 0;

  /** Why the firmware that runs now was started. */
  get cause(): ResetCause {
    return this.#cause;
  }

  /** Restarts so far; the first start is none. */
  get count(): number {
    return this.#count;
  }

  request(cause: ResetCause): void {
    this.#requested ??= cause;
  }

  /** The requested reset takes place. @returns its cause. */
  begin(): ResetCause {
    this.#cause = this.#requested ?? 'software';
    this.#requested = undefined;
    this.#count++;
    return this.#cause;
  }
}

/** A retained block where it lies in memory. */
export interface RetainedRegion {
  readonly address: number;
  readonly length: number;
}

/** Finds the blocks in a guest that has just been instantiated, so that it cannot have changed the sizes it declares. */
export function findRetained(guest: RetainingGuest, blocks: readonly RetainedBlock[]): RetainedRegion[] {
  const regions: RetainedRegion[] = [];
  const add = (address: number, length: number, what: string) => {
    const whole = Number.isInteger(address) && Number.isInteger(length) && address >= 0 && length >= 0;
    if (!whole || guestBytes(guest.memory, address, length) === undefined) {
      throw new WirqError('bad-argument', `${what}: ${length} bytes at ${address} do not lie in the guest's memory`, {
        advice: 'a retained block lies in memory as a whole',
      });
    }
    regions.push({ address, length });
  };
  const declared = guest.global(RETAINED_EXPORT);
  if (declared !== undefined) {
    const address = declared >>> 0;
    const size = guestBytes(guest.memory, address, 4);
    const length = size === undefined ? 4 : new DataView(size.buffer, size.byteOffset).getUint32(0, true);
    add(address, length, `the block that ${RETAINED_EXPORT} names`);
  }
  for (const { address, bytes } of blocks) {
    const at = typeof address === 'number' ? address : guest.global(address);
    if (at === undefined) {
      throw new WirqError('bad-argument', `the module exports no i32 global ${address} to retain`, {
        advice: `link with --export=${address}, or give a number`,
      });
    }
    add(typeof address === 'number' ? at : at >>> 0, bytes, `retain ${address}`);
  }
  return regions;
}

/** Copies retained memory from a guest that is about to go to the one that takes its place, before any code of it runs. */
export function carryRetained(from: RetainingGuest, to: RetainingGuest, regions: readonly RetainedRegion[]): void {
  for (const { address, length } of regions) {
    const bytes = guestBytes(from.memory, address, length);
    if (bytes !== undefined) guestBytes(to.memory, address, length)?.set(bytes);
  }
}
