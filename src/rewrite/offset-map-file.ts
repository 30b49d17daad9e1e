/**
 * What `wirq instrument --map` writes beside a rewritten module: which bytes are which, and what a host needs to drive it, so that
 * another host than wirq can. JSON; described field by field in docs/instrument.md. Fields are added, never renamed.
 */
import { createHash } from 'node:crypto';
import { formatSignature } from '../wasm/types.ts';
import type { Granularity, Instrumented } from './instrument.ts';

/** Of the format; raised when a field changes its meaning. */
const FORMAT = 1;
/** Runs on a line of the file: short enough to look at, long enough not to be a line a number. */
const RUNS_ON_LINE = 8;

/**
 * The text of the file.
 *
 * @param producer for people: `wirq 0.1.0`.
 * @example writeFileSync('app.map.json', offsetMapFile(instrument(bytes), { granularity: 'loop', producer: 'wirq 0.1.0' }));
 */
export function offsetMapFile(
  rewritten: Instrumented,
  { granularity, producer }: { readonly granularity: Granularity; readonly producer: string },
): string {
  const { report } = rewritten;
  const head = {
    format: FORMAT,
    producer,
    original: fingerprint(rewritten.module.bytes),
    rewritten: fingerprint(rewritten.bytes),
    granularity,
    safepoints: report.safepoints,
    longestStretch: report.longestStretch,
    maskedFunctions: report.maskedFunctions,
    hooks: hooksOf(rewritten),
    exports: exportsOf(rewritten),
    runs: [],
  };
  const lines: string[] = [];
  const numbers = deltas(rewritten);
  for (let i = 0; i < numbers.length; i += 3 * RUNS_ON_LINE) {
    lines.push(`    ${numbers.slice(i, i + 3 * RUNS_ON_LINE).join(', ')}`);
  }
  const text = JSON.stringify(head, undefined, 2);
  return `${text.slice(0, text.lastIndexOf('[]'))}[\n${lines.join(',\n')}\n  ]\n}\n`;
}

function fingerprint(bytes: Uint8Array): { readonly bytes: number; readonly sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function hooksOf({ hookNames }: Instrumented): object {
  return {
    table: hookNames.hooks,
    slots: [
      { name: 'safepoint', type: '(i32, i32) -> i32' },
      { name: 'probe', type: '(i32) -> ()' },
    ],
  };
}

/** What else the rewritten module exports for its host; null for what this module does not have. */
function exportsOf({ hookNames, module, stackPointer }: Instrumented): object {
  const address = stackPointer === undefined ? 'i32' : module.globals[stackPointer.globalIndex]!.type;
  const callable = (name: string | undefined, type: string) => (name === undefined ? null : { name, type });
  const { start } = module;
  return {
    getBudget: callable(hookNames.getBudget, '() -> i32'),
    setBudget: callable(hookNames.setBudget, '(i32) -> ()'),
    start: callable(hookNames.start, start === undefined ? '' : formatSignature(module.functionType(start))),
    getStackPointer: callable(hookNames.getStackPointer, `() -> ${address}`),
    setStackPointer: callable(hookNames.setStackPointer, `(${address}) -> ()`),
    budget: hookNames.budget,
    stackPointer: hookNames.stackPointer ?? null,
    memory: hookNames.memory ?? null,
    table: hookNames.table ?? null,
  };
}

/** Three numbers a run: where it begins in the original and in the rewritten module, from the end of the run before; its length. */
function deltas({ offsets }: Instrumented): readonly number[] {
  const numbers: number[] = [];
  let oldEnd = 0;
  let newEnd = 0;
  for (const [oldOffset, newOffset, length] of offsets.runs()) {
    numbers.push(oldOffset - oldEnd, newOffset - newEnd, length);
    oldEnd = oldOffset + length;
    newEnd = newOffset + length;
  }
  return numbers;
}
