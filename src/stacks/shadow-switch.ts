/** Stacks in linear memory at a switch that JavaScript makes: whether the one that is left is whole, and whose pointer holds. */
import type { Fiber } from './backend.ts';
import type { StackPointer } from './handler-stack.ts';
import { isIntact } from './shadow-stack.ts';

export class ShadowSwitch {
  readonly #memory: WebAssembly.Memory;
  readonly #pointer: StackPointer;
  #view = new Int32Array(0);

  constructor(memory: WebAssembly.Memory, pointer: StackPointer) {
    this.#memory = memory;
    this.#pointer = pointer;
  }

  mayLeave({ canary }: Fiber): boolean {
    if (canary === 0) return true;
    // The view of a memory that has grown is empty; to ask the memory for its buffer takes longer.
    if (this.#view.length === 0) this.#view = new Int32Array(this.#memory.buffer);
    return isIntact(this.#view, canary);
  }

  change(from: Fiber, to: Fiber): void {
    from.pointer = this.#pointer.get();
    if (to.pointer !== undefined) this.#pointer.set(to.pointer);
  }
}
