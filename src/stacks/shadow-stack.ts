/**
 * Stacks in linear memory for fibers: LLVM's code keeps what has an address on a shadow stack behind `__stack_pointer`
 * (tool conventions, BasicCABI.md, "The linear stack"), so that every native stack needs one of its own beside it.
 * Each is painted once; its lowest bytes are a canary. The same memory is handed out again and again, so that its mark says
 * how far anybody came who had it.
 */
import { STACK_ALIGNMENT } from './handler-stack.ts';

/** What a stack gets where the firmware does not say. */
export const DEFAULT_STACK_BYTES = 8192;
/** "wirq" little-endian, as on the handler stack. */
export const PAINT = 0x71726977;
export const CANARY_WORDS = 4;

/** Whether the canary at this address is as it was painted. */
export function isIntact(words: Int32Array, address: number): boolean {
  for (let at = address / 4; at < address / 4 + CANARY_WORDS; at++) if (words[at] !== PAINT) return false;
  return true;
}

export class ShadowStack {
  readonly low: number;
  readonly high: number;
  readonly #memory: WebAssembly.Memory;
  /** Empty once the memory has grown, or, where it is shared, as long as it was. */
  #view = new Int32Array(0);

  constructor(memory: WebAssembly.Memory, low: number, high: number) {
    this.#memory = memory;
    this.low = Math.ceil(low / STACK_ALIGNMENT) * STACK_ALIGNMENT;
    this.high = Math.floor(high / STACK_ALIGNMENT) * STACK_ALIGNMENT;
    this.#words().fill(PAINT, this.low / 4, this.high / 4);
  }

  get bytes(): number {
    return this.high - this.low;
  }

  /** Where the stack pointer begins. */
  get top(): number {
    return this.high;
  }

  /** Whether it was overrun, as far as its lowest bytes tell. */
  get overrun(): boolean {
    return !isIntact(this.#words(), this.low);
  }

  /** The most bytes that were used. */
  get highWaterMark(): number {
    const words = this.#words();
    let at = this.low / 4;
    while (at < this.high / 4 && words[at] === PAINT) at++;
    return this.high - at * 4;
  }

  #words(): Int32Array {
    // To ask the memory for its buffer takes longer than all the rest.
    if (this.#view.length === 0) this.#view = new Int32Array(this.#memory.buffer, 0, this.high / 4);
    return this.#view;
  }
}

/** Hands out shadow stacks of one size. */
export class StackPool {
  readonly #memory: WebAssembly.Memory;
  readonly #bytes: number;
  readonly #all: ShadowStack[] = [];
  readonly #free: ShadowStack[] = [];

  constructor(memory: WebAssembly.Memory, bytes: number) {
    this.#memory = memory;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get free(): number {
    return this.#free.length;
  }

  /** The most bytes that any of them has used. Looks at all of them. */
  get highWaterMark(): number {
    return this.#all.reduce((deepest, stack) => Math.max(deepest, stack.highWaterMark), 0);
  }

  /** Takes memory in: as many stacks as fit. */
  add(address: number, bytes: number): void {
    for (let at = address; at + this.#bytes <= address + bytes; at += this.#bytes) {
      const stack = new ShadowStack(this.#memory, at, at + this.#bytes);
      this.#all.push(stack);
      this.#free.push(stack);
    }
  }

  take(): ShadowStack | undefined {
    return this.#free.pop();
  }

  give(stack: ShadowStack): void {
    this.#free.push(stack);
  }
}
