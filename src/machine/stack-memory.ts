/**
 * Memory for the stacks of tasks, side stacks and handlers that may wait: the firmware's own allocator where it has one
 * (`malloc`), else pages that the memory is grown by. Handlers, which may have interrupted the allocator, take what is
 * there or grow. The firmware says how large a stack is with an exported `wirq_stack_bytes`, the address of a u32.
 */
import { WirqError } from '../errors.ts';
import type { HandlerStack } from '../stacks/handler-stack.ts';
import { MIN_BYTES } from '../stacks/handler-stack.ts';
import { DEFAULT_STACK_BYTES, ShadowStack, StackPool } from '../stacks/shadow-stack.ts';
import type { Module } from '../wasm/module.ts';
import type { Guest } from './guest.ts';

/** The name of the exported variable with the size of a stack. */
export const STACK_BYTES_EXPORT = 'wirq_stack_bytes';

const PAGE_BYTES = 65536;
/** What malloc gives is aligned to eight at least; a stack to sixteen. */
const SLACK_BYTES = 16;

export class StackMemory {
  readonly #guest: Guest;
  readonly #memory: WebAssembly.Memory | undefined;
  readonly #allocates: boolean;
  readonly #tasks: StackPool | undefined;
  readonly #handlers: ShadowStack[] = [];
  readonly #ofHandlers = new Set<ShadowStack>();

  constructor(guest: Guest, module: Module) {
    this.#guest = guest;
    this.#memory = guest.stackPointer === undefined ? undefined : guest.memory;
    this.#allocates = hasMalloc(module);
    if (this.#memory !== undefined) this.#tasks = new StackPool(this.#memory, stackBytes(guest, this.#memory));
  }

  /** The handler stack as it was found or allocated is the first that a handler gets. */
  adopt(stack: HandlerStack | undefined): void {
    const region = stack?.region;
    if (region === undefined || this.#memory === undefined || this.#ofHandlers.size > 0) return;
    this.#addHandlerStack(new ShadowStack(this.#memory, region.low, region.high));
  }

  /** @param hold keeps every thread where it is while the guest's allocator runs; undefined where that may not run. */
  forTask(hold: (<T>(act: () => T) => T) | undefined): ShadowStack | undefined {
    const pool = this.#tasks;
    if (pool === undefined) return undefined;
    if (pool.free === 0) {
      const bytes = pool.bytes + SLACK_BYTES;
      const address = hold === undefined || !this.#allocates ? 0 : hold(() => this.#malloc(bytes));
      if (address > 0) pool.add(Math.ceil(address / SLACK_BYTES) * SLACK_BYTES, pool.bytes);
      else {
        const pages = Math.ceil(pool.bytes / PAGE_BYTES);
        pool.add(this.#grow(pages), pages * PAGE_BYTES);
      }
    }
    return pool.take();
  }

  forHandler(): ShadowStack | undefined {
    if (this.#memory === undefined) return undefined;
    if (this.#handlers.length === 0) {
      const low = this.#grow(1);
      for (let at = low; at < low + PAGE_BYTES; at += DEFAULT_STACK_BYTES) {
        this.#addHandlerStack(new ShadowStack(this.#memory, at, at + DEFAULT_STACK_BYTES));
      }
    }
    return this.#handlers.pop();
  }

  give(stack: ShadowStack): void {
    if (this.#ofHandlers.has(stack)) this.#handlers.push(stack);
    else this.#tasks?.give(stack);
  }

  /** Of tasks and side stacks: how large each is, and the most bytes that any has used. */
  get usage(): { readonly bytes: number; readonly highWaterMark: number } | undefined {
    return this.#tasks && { bytes: this.#tasks.bytes, highWaterMark: this.#tasks.highWaterMark };
  }

  #addHandlerStack(stack: ShadowStack): void {
    this.#ofHandlers.add(stack);
    this.#handlers.push(stack);
  }

  #malloc(bytes: number): number {
    return Number(this.#guest.function('malloc')?.(bytes)) >>> 0;
  }

  #grow(pages: number): number {
    try {
      return this.#memory!.grow(pages) * PAGE_BYTES;
    } catch (error) {
      throw new WirqError('limit', 'there is no memory left for another stack', {
        advice: 'give the module a larger maximum, or let fewer tasks and stacks live at once',
        cause: error,
      });
    }
  }
}

function hasMalloc(module: Module): boolean {
  const exported = module.exports.find((each) => each.kind === 'func' && each.name === 'malloc');
  if (exported === undefined) return false;
  const { params, results } = module.functionType(exported.index);
  return params.join() === 'i32' && results.join() === 'i32';
}

function stackBytes(guest: Guest, memory: WebAssembly.Memory): number {
  const address = guest.global(STACK_BYTES_EXPORT);
  if (address === undefined) return DEFAULT_STACK_BYTES;
  const at = address >>> 0;
  const bytes = at + 4 <= memory.buffer.byteLength ? new DataView(memory.buffer).getUint32(at, true) : 0;
  if (bytes >= MIN_BYTES && bytes <= 1 << 24) return Math.ceil(bytes / SLACK_BYTES) * SLACK_BYTES;
  throw new WirqError('bad-module', `${STACK_BYTES_EXPORT} says ${bytes}, which is no size of a stack`, {
    advice: `a stack has ${MIN_BYTES} to ${1 << 24} bytes`,
  });
}
