/**
 * How V8 is told to compile what is measured, the same for both sides of every ratio.
 * `dynamic` is V8's default: baseline code first, optimised code for what turns out hot. `optimised` compiles everything with the
 * optimising tier at once, as the machine does for small modules; V8 then has no profile to inline calls by.
 */
import os from 'node:os';
import v8 from 'node:v8';

export type Tiers = 'dynamic' | 'optimised';

const v8Major = Number(process.versions.v8.split('.')[0]);

/** Flags for a choice of tiers. Newer V8s abort when they inline without the baseline tier's profile: inlining goes too. */
export function v8Flags(tiers: Tiers): string[] {
  // Branch hints became a default with V8 13.
  const hints = v8Major < 13 ? ['--experimental-wasm-branch-hinting'] : [];
  if (tiers === 'dynamic') return hints;
  const inlining = v8Major < 13 ? ['--no-wasm-inlining'] : ['--no-wasm-inlining', '--no-wasm-inlining-call-indirect'];
  return [...hints, '--no-liftoff', ...inlining];
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

/** Lets V8's background threads finish compiling and install what they compiled. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 25));
}
