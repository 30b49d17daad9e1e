/**
 * The guest's open file descriptors: which number stands for which, the lowest free number for the next, as POSIX says,
 * and a limit on how many. The array is shared with `@bjorn3/browser_wasi_shim`, which leaves `undefined` where it closed one.
 */
import type { Fd } from '@bjorn3/browser_wasi_shim';

/** The most descriptors open at once, standard streams and directories included. */
export const MAX_DESCRIPTORS = 1024;

export class DescriptorTable {
  readonly #slots: (Fd | undefined)[];

  constructor(initial: readonly Fd[]) {
    this.#slots = [...initial];
  }

  /** The array itself, as the shim types it: it holds `undefined` for closed descriptors all the same. */
  get shared(): Fd[] {
    return this.#slots as Fd[];
  }

  get(number: number): Fd | undefined {
    return this.#slots[number];
  }

  /** The number the next descriptor will get, or undefined when all are in use. */
  get free(): number | undefined {
    const gap = this.#slots.indexOf(undefined);
    const number = gap === -1 ? this.#slots.length : gap;
    return number < MAX_DESCRIPTORS ? number : undefined;
  }

  put(number: number, descriptor: Fd | undefined): void {
    this.#slots[number] = descriptor;
  }

  /** Closes all, for the end of a run. */
  closeAll(): void {
    for (const descriptor of this.#slots.splice(0)) descriptor?.fd_close();
  }
}
