/**
 * Finds what was appended to a module by what its new exports lead to, and checks the appended functions by following them with
 * symbols: they are straight code, so that this is exact. The safepoint has to show the host the budget and take its answer; the
 * accessors have to read and write their global and nothing else.
 */
import { Instructions } from '../../wasm/instructions.ts';
import type { Module } from '../../wasm/module.ts';
import { Effect, opcodeName } from '../../wasm/opcodes.ts';
import { formatSignature, readValueType } from '../../wasm/types.ts';
import type { HookNames } from '../instrument.ts';
import type { Appended } from './added-code.ts';
import type { Violations } from './violation.ts';

interface Instruction {
  readonly name: string;
  readonly first: number;
  readonly index: number;
  readonly constant: number;
}

/** Everything appended; undefined, with a violation, if it is not all there. */
export function findAppended(
  original: Module,
  rewritten: Module,
  names: HookNames,
  violations: Violations,
): Appended | undefined {
  const accessors = new Accessors(original, rewritten, violations);
  const budgetGlobal = original.globals.length;
  accessors.check(names.getBudget, names.setBudget, (global) => global === budgetGlobal);
  if (names.getStackPointer !== undefined && names.setStackPointer !== undefined) {
    const pointer = exportedGlobal(rewritten, names.stackPointer);
    const isRight = (global: number) => global === pointer && global < original.globals.length;
    accessors.check(names.getStackPointer, names.setStackPointer, isRight);
  }
  const firstFunction = original.functions.length;
  const others: number[] = [];
  for (let index = firstFunction; index < rewritten.functions.length; index++) {
    if (!accessors.seen.has(index)) others.push(index);
  }
  const [safepointFunction] = others;
  if (safepointFunction === undefined || others.length > 1) {
    violations.module(
      'appended',
      `${others.length} functions are appended that no hook name leads to, not the safepoint`,
    );
    return undefined;
  }
  const appended = {
    budgetGlobal,
    hooksTable: original.tables.length,
    safepointFunction,
    firstFunction,
    firstGlobal: original.globals.length,
    firstTable: original.tables.length,
  };
  const stores = checkSafepoint(rewritten, appended, violations);
  return stores === undefined ? undefined : { ...appended, safepointStores: stores };
}

export function exportedGlobal(module: Module, name: string | undefined): number | undefined {
  return module.exports.find((each) => each.kind === 'global' && each.name === name)?.index;
}

function bodyOf(module: Module, index: number): Instruction[] {
  const body = module.bodies[index - module.importedFunctions]!;
  const code = new Instructions(module.bytes, body.start, body.end);
  for (let groups = code.u32(); groups > 0; groups--) {
    code.u32();
    readValueType(code);
  }
  const instructions: Instruction[] = [];
  while (!code.done) {
    code.next();
    const { opcode, first, index, constant } = code;
    instructions.push({ name: opcodeName(opcode), first, index, constant });
  }
  return instructions;
}

const startOf = (module: Module, index: number): number | undefined =>
  module.bodies[index - module.importedFunctions]?.start;

class Accessors {
  /** Appended functions that were found. */
  readonly seen = new Set<number>();
  readonly #original: Module;
  readonly #rewritten: Module;
  readonly #violations: Violations;

  constructor(original: Module, rewritten: Module, violations: Violations) {
    this.#original = original;
    this.#rewritten = rewritten;
    this.#violations = violations;
  }

  check(getter: string, setter: string, isRight: (global: number) => boolean): void {
    const read = this.#global(getter, ['global.get', 'end'], 0);
    const written = this.#global(setter, ['local.get', 'global.set', 'end'], 1);
    if (read === undefined || written === undefined) return;
    if (read !== written || !isRight(read)) {
      this.#violations.module('appended', `${getter} reads global ${read}, ${setter} writes global ${written}`);
    }
  }

  /** The global that a function of just these instructions works on. */
  #global(name: string, expected: readonly string[], at: number): number | undefined {
    const found = this.#rewritten.exports.find((each) => each.name === name && each.kind === 'func');
    if (found === undefined || found.index < this.#original.functions.length) {
      this.#violations.module('appended', `${name} is not exported as an appended function`);
      return undefined;
    }
    this.seen.add(found.index);
    const body = bodyOf(this.#rewritten, found.index);
    if (body.map((each) => each.name).join() === expected.join() && (at === 0 || body[0]!.index === 0)) {
      return body[at]!.index;
    }
    const place = startOf(this.#rewritten, found.index);
    this.#violations.module('appended', `${name} does something else than to read or write a global`, place);
    return undefined;
  }
}

type Symbol = 'budget' | 'masked' | 'answer' | 'global' | 'slot' | 'other';

/** Whether it stores the budget before the host can look; undefined if it does not do its work. */
function checkSafepoint(
  module: Module,
  appended: Omit<Appended, 'safepointStores'>,
  violations: Violations,
): boolean | undefined {
  const index = appended.safepointFunction;
  const fail = (message: string): undefined => {
    violations.module('appended', `the safepoint ${message}`, startOf(module, index));
    return undefined;
  };
  if (formatSignature(module.functionType(index)) !== '(i32, i32) -> i32') return fail('has another type');
  const locals: Symbol[] = ['budget', 'masked'];
  const stack: Symbol[] = [];
  let global: Symbol = 'global';
  let stores: boolean | undefined;
  for (const { name, first, index: immediate, constant } of bodyOf(module, index)) {
    switch (name) {
      case 'local.get':
        stack.push(locals[immediate] ?? 'other');
        break;
      case 'local.set':
        locals[immediate] = stack.pop() ?? 'other';
        break;
      case 'local.tee':
        locals[immediate] = stack.at(-1) ?? 'other';
        break;
      case 'i32.const':
        stack.push(constant === 0 ? 'slot' : 'other');
        break;
      case 'global.get':
        stack.push(immediate === appended.budgetGlobal ? global : 'other');
        break;
      case 'global.set':
        if (immediate !== appended.budgetGlobal) return fail('writes another global');
        global = stack.pop() ?? 'other';
        break;
      case 'call_indirect': {
        const asked = [stack.pop(), stack.pop(), stack.pop()].join();
        const type = module.types[first]?.signature;
        const hook =
          immediate === appended.hooksTable && type !== undefined && formatSignature(type) === '(i32, i32) -> i32';
        if (stores !== undefined || !hook || asked !== 'slot,masked,budget')
          return fail('does not call the hook as it should');
        stores = global === 'budget';
        if (!stores && global !== 'global') return fail('shows the host something else than the budget');
        global = 'other';
        stack.push('answer');
        break;
      }
      case 'end':
        if (stack.join() !== 'answer' || global !== 'answer') return fail("does not take the host's answer");
        break;
      default:
        return fail(`does something unexpected: ${name}`);
    }
  }
  return stores ?? fail('calls no hook');
}

/** Effects by which code hands out references to functions; kept here with what else is found by scanning bodies. */
export function functionsReferred(module: Module, bodies: number): Set<number> {
  const referred = new Set<number>();
  for (const { start, end } of module.bodies.slice(0, bodies)) {
    const code = new Instructions(module.bytes, start, end);
    for (let groups = code.u32(); groups > 0; groups--) {
      code.u32();
      readValueType(code);
    }
    while (!code.done) {
      code.next();
      if (code.effect === Effect.plain && opcodeName(code.opcode) === 'ref.func') referred.add(code.index);
    }
  }
  return referred;
}
