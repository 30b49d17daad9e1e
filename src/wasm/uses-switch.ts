/**
 * Where a module uses the instruction `switch` of the stack-switching proposal (Explainer.md, "Switch"). Leaves out what else
 * that proposal has.
 */
import { Instructions } from './instructions.ts';
import { readLocals } from './locals.ts';
import { parseModule } from './module.ts';
import { opcodeNamed } from './opcodes.ts';

const SWITCH = opcodeNamed('switch');

/** @returns the offset of the first; undefined where there is none. Costs nothing where no type is a continuation's. */
export function usesSwitch(bytes: Uint8Array): number | undefined {
  const module = parseModule(bytes);
  if (!module.types.some(({ kind }) => kind === 'cont')) return undefined;
  for (const { start, end } of module.bodies) {
    const code = new Instructions(bytes, start, end);
    readLocals(code, 0);
    while (code.offset < code.end) {
      code.next();
      if (code.opcode === SWITCH) return code.start;
    }
  }
  return undefined;
}
