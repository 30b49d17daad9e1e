/**
 * Whether a module calls anything inside a `catch` of the older kind (exception handling proposal, legacy/Exceptions.md,
 * "Try blocks"), whose body stands where the exception is caught. Leaves out `try_table`: what follows that is ordinary code.
 */
import { Instructions } from './instructions.ts';
import { readLocals } from './locals.ts';
import { parseModule } from './module.ts';
import { Effect } from './opcodes.ts';

/** @returns the index of the first function that does; undefined when none does. */
export function callsInCatch(bytes: Uint8Array): number | undefined {
  const module = parseModule(bytes);
  const at = module.bodies.findIndex(({ start, end }) => bodyCallsInCatch(new Instructions(bytes, start, end)));
  return at < 0 ? undefined : module.importedFunctions + at;
}

function bodyCallsInCatch(code: Instructions): boolean {
  readLocals(code, 0);
  /** Of each open block, whether it is inside a catch. */
  const caught: boolean[] = [];
  while (code.offset < code.end) {
    code.next();
    switch (code.effect) {
      case Effect.block:
      case Effect.loop:
      case Effect.if:
      case Effect.try:
      case Effect.tryTable:
        caught.push(caught.at(-1) ?? false);
        break;
      case Effect.catch:
        caught[caught.length - 1] = true;
        break;
      case Effect.end:
      case Effect.delegate:
        caught.pop();
        break;
      case Effect.call:
      case Effect.callIndirect:
      case Effect.callRef:
      case Effect.returnCall:
      case Effect.returnCallIndirect:
      case Effect.returnCallRef:
        if (caught.at(-1) === true) return true;
        break;
      default:
    }
  }
  return false;
}
