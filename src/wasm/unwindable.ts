/**
 * What Binaryen's Asyncify cannot make able to unwind (src/passes/Asyncify.cpp, Flatten.cpp), found before it is tried: tail
 * calls, and `try_table`. Calls inside a `catch` of the older kind are looked for where the rewriter has added its own
 * (catch-calls.ts).
 */
import { Instructions } from './instructions.ts';
import { readLocals } from './locals.ts';
import type { Module } from './module.ts';
import { Effect } from './opcodes.ts';

/** @returns what it is and where: `tail calls (function f)`; undefined when there is nothing. */
export function beyondAsyncify(module: Module): string | undefined {
  const code = new Instructions(module.bytes);
  for (const [at, { start, end }] of module.bodies.entries()) {
    code.aim(start, end);
    const what = obstacleIn(code);
    if (what !== undefined) return `${what} (function ${module.functionName(module.importedFunctions + at)})`;
  }
  return undefined;
}

function obstacleIn(code: Instructions): string | undefined {
  readLocals(code, 0);
  while (code.offset < code.end) {
    code.next();
    switch (code.effect) {
      case Effect.tryTable:
        return 'try_table';
      case Effect.returnCall:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        return 'tail calls';
      default:
    }
  }
  return undefined;
}
