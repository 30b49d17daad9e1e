/**
 * The programs that stacks are compared by, in a machine on each kind: kernels, which never switch, and what does little else
 * (stacks/stacks.c). A machine's time counts from when its module is compiled, so that rewriting and compiling are left out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAsyncify } from '../src/host/asyncify.ts';
import { enableStackSwitching } from '../src/host/engine.ts';
import { Machine } from '../src/machine/machine.ts';
import type { BackendName } from '../src/stacks/backend.ts';
import { stopwatch } from './stopwatch.ts';

export const KINDS: readonly BackendName[] = ['nested', 'wasmfx', 'jspi', 'asyncify'];

export interface SwitchProgram {
  readonly name: string;
  readonly invoke: string;
  readonly args: readonly number[];
  /** What it returns. */
  readonly checksum: number;
  /** How often it goes from one stack to another; undefined where that is nothing to divide by. */
  readonly switches: number | undefined;
  /** Whether a stack or a task gives way. */
  readonly by: 'stack' | 'task';
  /** It leaves so many stacks behind that they have to be cleared away. */
  readonly many?: boolean;
}

const deep = (depth: number): SwitchProgram => ({
  name: `switch from a depth of ${depth}`,
  invoke: 'deep',
  args: [depth, 100_000],
  checksum: 0,
  switches: 200_000,
  by: 'stack',
});

export const PROGRAMS: readonly SwitchProgram[] = [
  {
    name: 'generator sum',
    invoke: 'generator',
    args: [100_000],
    checksum: 704_982_704,
    switches: 200_000,
    by: 'stack',
  },
  {
    name: 'ping-pong of two stacks',
    invoke: 'ping_pong',
    args: [200_000],
    checksum: 0,
    switches: 200_000,
    by: 'stack',
  },
  deep(1),
  deep(10),
  deep(100),
  {
    name: '10 tasks go round',
    invoke: 'round_robin',
    args: [10, 8000],
    checksum: 80_000,
    switches: 80_000,
    by: 'task',
  },
  {
    name: '10,000 tasks go round',
    invoke: 'round_robin',
    args: [10_000, 40],
    checksum: 400_000,
    switches: 400_000,
    many: true,
    by: 'task',
  },
  { name: 'sieve of channels, 60 primes', invoke: 'sieve', args: [60], checksum: 281, switches: undefined, by: 'task' },
];

/** The kinds that this engine has. */
export function kindsHere(): readonly BackendName[] {
  const wasmfx = enableStackSwitching();
  return KINDS.filter((kind) => (kind === 'wasmfx' ? wasmfx : kind === 'jspi' ? 'Suspending' in WebAssembly : true));
}

export interface Prepared {
  readonly ms: number;
  readonly codeBytes: number;
}

/** A module in machines on one kind of stacks; all runs share what was compiled, so that V8's tiers settle. */
export class Stacked {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #kind: BackendName;
  readonly #asyncify: Awaited<ReturnType<typeof loadAsyncify>>;
  #module: WebAssembly.Module | undefined;

  private constructor(
    bytes: Uint8Array<ArrayBuffer>,
    kind: BackendName,
    asyncify: Awaited<ReturnType<typeof loadAsyncify>>,
  ) {
    this.#bytes = bytes;
    this.#kind = kind;
    this.#asyncify = asyncify;
  }

  static async make(bytes: Uint8Array<ArrayBuffer>, kind: BackendName): Promise<Stacked> {
    return new Stacked(bytes, kind, await loadAsyncify());
  }

  /** Runs an export. @returns the ms from when the module is compiled. */
  async run(invoke: string, args: readonly number[], checksum: number, parked: () => void = () => {}): Promise<number> {
    let start = 0;
    const machine = Machine.load(this.#bytes, {
      ...this.#options(invoke, args, parked),
      compile: (bytes) => {
        this.#module ??= new WebAssembly.Module(bytes);
        start = stopwatch();
        return this.#module;
      },
    });
    const result = this.#kind === 'jspi' ? await machine.runAsync() : machine.run();
    const ms = stopwatch() - start;
    const returned = Number(result.returned[0]);
    if (returned !== checksum) throw new Error(`${invoke} on ${this.#kind}: ${returned} instead of ${checksum}`);
    return ms;
  }

  /** From the module's bytes to when it can run. Asyncify is done anew each time. */
  async prepare(invoke: string): Promise<Prepared> {
    const asyncify = await loadAsyncify();
    let ms = 0;
    let codeBytes = 0;
    const start = stopwatch();
    const machine = Machine.load(this.#bytes, {
      ...this.#options(invoke, [0], () => {}),
      asyncify,
      compile: (bytes) => {
        const module = new WebAssembly.Module(bytes);
        ms = stopwatch() - start;
        codeBytes = bytes.length;
        return module;
      },
    });
    if (this.#kind === 'jspi') await machine.runAsync();
    else machine.run();
    return { ms, codeBytes };
  }

  #options(invoke: string, args: readonly number[], parked: () => void) {
    return {
      invoke,
      args: args.map(String),
      stacks: this.#kind,
      asyncify: this.#asyncify,
      imports: { bench: { parked: { signature: '>', call: parked } } },
    };
  }
}

export function switchProgramBytes(root: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(root, 'bench/stacks/stacks.wasm')));
}
