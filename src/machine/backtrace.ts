/**
 * Turns what the engine threw into what the user can read: the guest's functions by name, innermost first, with
 * offsets in the user's own file. Frames of wirq's own functions and of JavaScript are left out.
 */
import type { Frame } from '../scheduler/outcome.ts';
import type { Module } from '../wasm/module.ts';

/** Deep enough to see a recursion for what it is. */
export const BACKTRACE_LIMIT = 64;

const WASM_FRAME = /wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

export function backtrace(error: Error, module: Module, toOriginal: (offset: number) => number | undefined): Frame[] {
  const frames: Frame[] = [];
  for (const line of (error.stack ?? '').split('\n')) {
    const match = WASM_FRAME.exec(line);
    if (match === null) continue;
    const index = Number(match[1]);
    if (index >= module.functions.length) continue;
    frames.push({ function: module.functionName(index), offset: toOriginal(Number.parseInt(match[2]!, 16)) });
  }
  return frames;
}

/** The engine's words for a trap, in those of the specification where they are clearer. */
export function trapMessage(error: unknown): string {
  if (error instanceof RangeError && /call stack/.test(error.message)) return 'call stack exhausted';
  if (error instanceof Error) return error.message;
  return `an exception of the guest was not caught (${String(error)})`;
}
