/**
 * Turns what the engine threw into what the user can read: the guest's functions by name, innermost first, with
 * offsets in the user's own file, and source lines where the module has debug information. Frames of wirq's own functions and
 * of JavaScript are left out, and so are functions that the compiler inlined: their lines appear in the frame around.
 */
import type { OffsetMap } from '../rewrite/offsets.ts';
import type { Frame } from '../scheduler/outcome.ts';
import type { Module } from '../wasm/module.ts';
import type { LoadSourceMap } from '../wasm/source-map.ts';
import { SourcePositions } from '../wasm/source-positions.ts';

/** Deep enough to see a recursion for what it is. */
export const BACKTRACE_LIMIT = 64;

/** The engine names functions by module and index; those of hooks.ts and handler-call.ts are no guest's. */
const OWN_FRAME = 'wasm://wasm/wirq:';
const WASM_FRAME = /wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/** To the user's file. */
export type Offsets = Pick<OffsetMap, 'toOriginal'>;

/** What is known of the offsets in an engine's stack trace. */
export interface Places {
  /** The offset in the user's file. */
  toOriginal(offset: number): number | undefined;
  /** The source line of an offset in the user's file. */
  source(offset: number): Frame['source'];
}

export function placesIn(module: Module, offsets: Offsets | undefined, sourceMap: LoadSourceMap | undefined): Places {
  const positions = new SourcePositions(module, sourceMap);
  return { toOriginal: (offset) => offsets?.toOriginal(offset), source: (offset) => positions.find(offset) };
}

export function backtrace(error: Error, module: Module, places: Places): Frame[] {
  const frames: Frame[] = [];
  for (const line of (error.stack ?? '').split('\n')) {
    const match = WASM_FRAME.exec(line);
    if (match === null || line.includes(OWN_FRAME)) continue;
    const index = Number(match[1]);
    if (index >= module.functions.length) continue;
    const offset = places.toOriginal(Number.parseInt(match[2]!, 16));
    const source = offset === undefined ? undefined : places.source(offset);
    const frame = { function: module.functionName(index), offset };
    frames.push(source === undefined ? frame : { ...frame, source });
  }
  return frames;
}

/** The engine's words for a trap, in those of the specification where they are clearer. */
export function trapMessage(error: unknown): string {
  if (error instanceof RangeError && /call stack/.test(error.message)) return 'call stack exhausted';
  if (error instanceof Error) return error.message;
  return 'an exception of the guest was not caught';
}
