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
import type { Appended, SafepointFunction } from './added-code.ts';
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
  const appended = {
    budgetGlobal,
    hooksTable: original.tables.length,
    firstFunction,
    firstGlobal: original.globals.length,
    firstTable: original.tables.length,
  };
  const safepoints = new Map<number, SafepointFunction>();
  for (const index of others) {
    const found = checkSafepoint(rewritten, index, { ...appended, safepoints }, violations);
    if (found === undefined) return undefined;
    safepoints.set(index, found);
  }
  if (others.length === 0) violations.module('appended', 'no function is appended that calls the safepoint');
  return others.length === 0 ? undefined : { ...appended, safepoints };
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

type Symbol = 'budget' | 'answer' | 'global' | 'zero' | 'one' | 'other';

/** What one of the functions that call the safepoint does; undefined if it does not do its work. */
function checkSafepoint(
  module: Module,
  index: number,
  appended: Appended,
  violations: Violations,
): SafepointFunction | undefined {
  const fail = (message: string): undefined => {
    violations.module('appended', `the safepoint ${message}`, startOf(module, index));
    return undefined;
  };
  const type = formatSignature(module.functionType(index));
  const takesBudget = type === '(i32) -> i32';
  if (!takesBudget && type !== '() -> ()') return fail('has another type');
  const run = new SafepointRun(module, appended, takesBudget);
  for (const instruction of bodyOf(module, index)) {
    const wrong = run.step(instruction);
    if (wrong !== undefined) return fail(wrong);
  }
  return run.found ?? fail('calls no hook');
}

/** Follows the code of one, with symbols for values. */
class SafepointRun {
  found: SafepointFunction | undefined;
  readonly #module: Module;
  readonly #appended: Appended;
  readonly #takesBudget: boolean;
  readonly #locals: Symbol[];
  readonly #stack: Symbol[] = [];
  #global: Symbol;

  constructor(module: Module, appended: Appended, takesBudget: boolean) {
    this.#module = module;
    this.#appended = appended;
    this.#takesBudget = takesBudget;
    this.#locals = takesBudget ? ['budget'] : [];
    this.#global = takesBudget ? 'global' : 'budget';
  }

  /** What is wrong, if something is. */
  step({ name, first, index, constant }: Instruction): string | undefined {
    const stack = this.#stack;
    switch (name) {
      case 'local.get':
        stack.push(this.#locals[index] ?? 'other');
        return undefined;
      case 'local.set':
        this.#locals[index] = stack.pop() ?? 'other';
        return undefined;
      case 'local.tee':
        this.#locals[index] = stack.at(-1) ?? 'other';
        return undefined;
      case 'drop':
        stack.pop();
        return undefined;
      case 'i32.const':
        stack.push(constant === 0 ? 'zero' : constant === 1 ? 'one' : 'other');
        return undefined;
      case 'global.get':
        stack.push(index === this.#appended.budgetGlobal ? this.#global : 'other');
        return undefined;
      case 'global.set':
        if (index !== this.#appended.budgetGlobal) return 'writes another global';
        this.#global = stack.pop() ?? 'other';
        return undefined;
      case 'call_indirect':
        return this.#callHook(first, index);
      case 'call':
        return this.#callOther(first);
      case 'end':
        if (stack.join() === (this.#takesBudget ? 'answer' : '') && this.#global === 'answer') return undefined;
        return "does not take the host's answer";
      default:
        return `does something unexpected: ${name}`;
    }
  }

  #callHook(typeIndex: number, table: number): string | undefined {
    const [slot, masked, budget] = [this.#stack.pop(), this.#stack.pop(), this.#stack.pop()];
    const type = this.#module.types[typeIndex]?.signature;
    const isHook =
      table === this.#appended.hooksTable && type !== undefined && formatSignature(type) === '(i32, i32) -> i32';
    const asks = slot === 'zero' && (masked === 'zero' || masked === 'one') && budget === 'budget';
    if (!isHook || !asks) return 'does not call the hook as it should';
    const stores = this.#global === 'budget';
    if (!stores && this.#global !== 'global') return 'shows the host something else than the budget';
    // What the hook has left in the global is not its answer.
    this.#global = 'other';
    this.#stack.push('answer');
    return this.#answered({ takesBudget: this.#takesBudget, masked: masked === 'one', stores });
  }

  /** One may leave the rest to another that is known already. */
  #callOther(index: number): string | undefined {
    const other = this.#appended.safepoints.get(index);
    if (other === undefined || other.takesBudget) return 'calls something else';
    if (this.#global !== 'budget') return 'shows the host something else than the budget';
    this.#global = 'answer';
    return this.#answered({ takesBudget: this.#takesBudget, masked: other.masked, stores: true });
  }

  #answered(found: SafepointFunction): string | undefined {
    if (this.found !== undefined) return 'calls the hook twice';
    this.found = { ...found, stores: found.takesBudget && found.stores };
    return undefined;
  }
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
