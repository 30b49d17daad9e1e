/**
 * What code of outsiders does to the guest's memory, found by comparing: host functions that ask for the memory may write to it
 * as they like. Costs a copy of the memory and a comparison each time such code runs, from when it first asked.
 */

const PAGE_BYTES = 1 << 16;
/** Compared at once. */
const BLOCK_BYTES = 1 << 12;

export type Patch = readonly [address: number, bytes: Uint8Array];
export interface Change {
  /** Pages, where memory grew. */
  readonly grownTo: number | undefined;
  readonly patches: readonly Patch[];
}

export class WatchedMemory {
  #memory: () => WebAssembly.Memory | undefined = () => undefined;
  #isWatched = false;
  #before: Uint8Array | undefined;

  /** Tells where the memory is. @returns the same for outsiders, who are watched once they ask. */
  given(memory: () => WebAssembly.Memory | undefined): () => WebAssembly.Memory | undefined {
    this.#memory = memory;
    return () => {
      this.#isWatched = true;
      if (this.#before === undefined) this.look();
      return memory();
    };
  }

  /** Code of outsiders is about to run. */
  look(): void {
    if (!this.#isWatched) return;
    const memory = this.#memory();
    this.#before = memory && Uint8Array.from(new Uint8Array(memory.buffer));
  }

  /** It has run. @returns what it changed. */
  changes(): Change | undefined {
    const before = this.#before;
    const memory = this.#memory();
    this.#before = undefined;
    if (before === undefined || memory === undefined) return undefined;
    const after = new Uint8Array(memory.buffer);
    const grownTo = after.length > before.length ? after.length / PAGE_BYTES : undefined;
    const patches = [...patchesBetween(before, after)];
    return grownTo === undefined && patches.length === 0 ? undefined : { grownTo, patches };
  }
}

/** Blocks that differ; what memory grew by was zero. */
function* patchesBetween(before: Uint8Array, after: Uint8Array): Generator<Patch> {
  const zero = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < after.length; at += BLOCK_BYTES) {
    const now = after.subarray(at, at + BLOCK_BYTES);
    const was = at < before.length ? before.subarray(at, at + BLOCK_BYTES) : zero.subarray(0, now.length);
    if (Buffer.compare(was, now) === 0) continue;
    let first = 0;
    while (was[first] === now[first]) first++;
    let last = now.length;
    while (was[last - 1] === now[last - 1]) last--;
    yield [at + first, now.slice(first, last)];
  }
}

/** Does to memory what was done. @returns false where it cannot be, in which case the recording is not of this run. */
export function applyChange(memory: WebAssembly.Memory | undefined, value: unknown): boolean {
  if (!Array.isArray(value) || memory === undefined) return false;
  const [grownTo, ...patches] = value as unknown[];
  if (typeof grownTo === 'number' && !grow(memory, grownTo)) return false;
  for (let at = 0; at < patches.length; at += 2) {
    const [address, bytes] = [patches[at], patches[at + 1]];
    if (typeof address !== 'number' || !(bytes instanceof Uint8Array)) return false;
    if (!Number.isSafeInteger(address) || address < 0 || address + bytes.length > memory.buffer.byteLength)
      return false;
    new Uint8Array(memory.buffer).set(bytes, address);
  }
  return true;
}

function grow(memory: WebAssembly.Memory, pages: number): boolean {
  const more = pages - memory.buffer.byteLength / PAGE_BYTES;
  // That of a 64-bit memory is a BigInt.
  for (const delta of [more, BigInt(Math.floor(more))]) {
    try {
      memory.grow(delta as number);
      return true;
    } catch {
      // The other way, or not at all.
    }
  }
  return false;
}
