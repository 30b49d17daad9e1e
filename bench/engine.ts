/**
 * How V8 is told to compile what is measured, the same for both sides of every ratio.
 * `dynamic` is V8's default: baseline code first, optimised code for what turns out hot. `optimised` compiles everything with the
 * optimising tier at once, as the command line does for small modules; V8 then has no profile to inline indirect calls by.
 */
import os from 'node:os';
import v8 from 'node:v8';
import vm from 'node:vm';

export type Tiers = 'dynamic' | 'optimised';

const [v8Major = 0, v8Minor = 0] = process.versions.v8.split('.').map(Number);

function v8Before(major: number, minor: number): boolean {
  return v8Major < major || (v8Major === major && v8Minor < minor);
}

/** Flags for a choice of tiers; the same as src/host/engine.ts sets where it compiles a module to run it. */
export function v8Flags(tiers: Tiers): string[] {
  const hints = v8Before(13, 6) ? ['--experimental-wasm-branch-hinting'] : [];
  if (tiers === 'dynamic') return hints;
  return [...hints, '--no-liftoff', ...(v8Before(13, 7) ? [] : ['--no-wasm-deopt'])];
}

/** To be called before the first module is compiled, and once. */
export function setTiers(tiers: Tiers): void {
  for (const flag of v8Flags(tiers)) v8.setFlagsFromString(flag);
}

export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly flags: readonly string[];
}

/** What the figures were measured on; goes with them wherever they are shown. */
export function environment(tiers: Tiers): Environment {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${os.cpus()[0]?.model.trim() ?? 'unknown'} x ${os.cpus().length}`,
    flags: v8Flags(tiers),
  };
}

/**
 * V8's garbage collector as a function: ten thousand stacks that nobody needs any more are not the next one's to pay for. It
 * leaves code alone, which would be compiled again at the next one's expense.
 */
export function collector(): () => void {
  v8.setFlagsFromString('--no-flush-bytecode');
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}

/** Lets V8's background threads finish compiling and install what they compiled. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 25));
}
