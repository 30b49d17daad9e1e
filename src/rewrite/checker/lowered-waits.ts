/**
 * Whether a module in which waits in memory were made the host's (memory-waits.ts) is the original but for that. What holds if
 * there is no violation: every byte of the code is the original's, in its place within its body, but for waits in a shared
 * memory, all of which are calls of an appended function in as many bytes; and each of those functions is, instruction for
 * instruction, the one that stands for such a wait. Outside the code five types, functions, a table of one function, its export and
 * those of the memories are added.
 */
import { Instructions } from '../../wasm/instructions.ts';
import { readLocals } from '../../wasm/locals.ts';
import { type Module, parseModule, type Section, sectionIds } from '../../wasm/module.ts';
import { opcodeName } from '../../wasm/opcodes.ts';
import { Reader } from '../../wasm/reader.ts';
import { formatSignature } from '../../wasm/types.ts';
import { type Violation, type ViolationKind, Violations } from './violation.ts';

const growing: readonly number[] = [sectionIds.type, sectionIds.function, sectionIds.table, sectionIds.export];
const waits = ['memory.atomic.wait32', 'memory.atomic.wait64'];

/** `hook` is the name of the exported table. The modules are well-formed. */
export function checkLoweredWaits(original: Uint8Array, lowered: Uint8Array, hook: string): readonly Violation[] {
  return new Comparison(parseModule(original), parseModule(lowered), hook).run();
}

class Comparison {
  readonly #before: Module;
  readonly #after: Module;
  readonly #hook: string;
  readonly #violations = new Violations();
  /** By appended function: the bytes of the waits that it stands for. */
  readonly #standIns = new Map<number, string>();

  constructor(before: Module, after: Module, hook: string) {
    this.#before = before;
    this.#after = after;
    this.#hook = hook;
  }

  run(): readonly Violation[] {
    this.#compareSections();
    this.#checkAdded();
    this.#before.bodies.forEach((_, i) => {
      this.#compareBody(i);
    });
    for (let index = this.#before.functions.length; index < this.#after.functions.length; index++) {
      if (!this.#standIns.has(index)) this.#fail('appended', `nothing calls function ${index}`);
    }
    return this.#violations.list;
  }

  #fail(kind: ViolationKind, message: string, at?: number, originalAt?: number): void {
    this.#violations.module(kind, message, at, originalAt);
  }

  #compareSections(): void {
    const others = (module: Module): Section[] => module.sections.filter(({ id }) => id !== sectionIds.code);
    const known = new Set(this.#before.sections.map(({ id }) => id));
    const after = others(this.#after).filter(({ id }) => known.has(id) || !growing.includes(id));
    const before = others(this.#before);
    const same = before.every((section, i) => {
      const now = after[i];
      if (now?.id !== section.id) return false;
      const grows = growing.includes(section.id);
      const [old, added] = [contents(this.#before, section, grows), contents(this.#after, now, grows)];
      return (grows || old.length === added.length) && old.every((byte, k) => byte === added[k]);
    });
    if (!same || after.length !== before.length) this.#fail('sections', 'what is no wait has changed');
  }

  #checkAdded(): void {
    const [before, after] = [this.#before, this.#after];
    const added = after.types
      .slice(before.types.length)
      .map(({ signature }) => signature && formatSignature(signature));
    const sizes = ['i32, i32', 'i32, i64', 'i64, i32', 'i64, i64'];
    const expected = sizes.map((operands) => `(${operands}, i64) -> i32`);
    if (added.join('; ') !== [...expected, '(i64, i64, i64, i32, i32) -> i32'].join('; ')) {
      this.#fail('sections', 'the types added are not those of waits');
    }
    const tables = after.tables.slice(before.tables.length);
    const [table] = tables;
    const size = `${table?.limits.minimum} ${table?.limits.maximum}`;
    if (tables.length !== 1 || table!.imported || table!.element !== 'funcref' || size !== '1 1') {
      this.#fail('sections', 'not one table of one function is added');
    }
    const exported = after.exports.slice(before.exports.length);
    const names = [`${this.#hook} table ${before.tables.length}`];
    for (const k of before.memories.keys()) names.push(`${this.#hook}${k} memory ${k}`);
    if (exported.map(({ name, kind, index }) => `${name} ${kind} ${index}`).join('; ') !== names.join('; ')) {
      this.#fail('sections', 'not just the table and the memories are exported');
    }
  }

  /** Instruction by instruction: nothing moves. */
  #compareBody(i: number): void {
    const [old, now] = [this.#before.bodies[i]!, this.#after.bodies[i]];
    const name = this.#before.functionName(this.#before.importedFunctions + i);
    if (now === undefined || now.end - now.start !== old.end - old.start) {
      this.#fail('order', `${name} has another size`);
      return;
    }
    const shift = now.start - old.start;
    const same = (from: number, to: number): boolean => {
      for (let at = from; at < to; at++) if (this.#before.bytes[at] !== this.#after.bytes[at + shift]) return false;
      return true;
    };
    const code = new Instructions(this.#before.bytes, old.start, old.end);
    readLocals(code, this.#before.functionType(this.#before.importedFunctions + i).params.length);
    let from = old.start;
    while (!code.done) {
      code.next();
      const wait = this.#wait(code);
      if (wait === undefined) continue;
      if (!same(from, code.start)) break;
      this.#checkCall(wait, code.start + shift, code.offset + shift, code.start);
      from = code.offset;
    }
    if (!same(from, old.end)) this.#fail('order', `${name} has other instructions`, from + shift, from);
  }

  /** The instruction's name, operand and offset, if it is a wait that has to be the host's. */
  #wait({ opcode, start, offset, bytes }: Instructions): Wait | undefined {
    const name = opcodeName(opcode);
    if (!waits.includes(name)) return undefined;
    const reader = new Reader(bytes, start + 1, offset);
    reader.u32();
    const operandAt = reader.offset;
    const memory = (reader.u32() & 0x40) !== 0 ? reader.u32() : 0;
    if (this.#before.memories[memory]?.limits.shared !== true) return undefined;
    const operand = bytes.subarray(operandAt, offset).join();
    return { bits: name.endsWith('32') ? 32 : 64, operand, memory, offset: BigInt.asIntN(64, reader.u64()) };
  }

  #checkCall(wait: Wait, start: number, end: number, originalAt: number): void {
    const code = new Instructions(this.#after.bytes, start, end);
    code.next();
    const index = code.first;
    const isCall = opcodeName(code.opcode) === 'call' && index >= this.#before.functions.length;
    let padded = true;
    while (padded && !code.done) {
      code.next();
      padded = opcodeName(code.opcode) === 'nop';
    }
    if (!isCall || !padded) {
      this.#fail('order', 'a wait is no call of what stands for it', start, originalAt);
      return;
    }
    const key = `${wait.bits} ${wait.operand}`;
    const known = this.#standIns.get(index);
    if (known === undefined) this.#checkStandIn(wait, index);
    else if (known !== key) this.#fail('appended', `function ${index} stands for different waits`, start, originalAt);
    this.#standIns.set(index, key);
  }

  #checkStandIn({ bits, operand, memory, offset }: Wait, index: number): void {
    const [before, after] = [this.#before, this.#after];
    const body = after.bodies[index - after.importedFunctions];
    const { wide } = before.memories[memory]!.limits;
    const type = before.types.length;
    const expected = [
      ...['local.get 0', `i${bits}.atomic.load ${operand}`, 'local.get 1', `i${bits}.ne`],
      ...['if', 'i32.const 1', 'return', 'end'],
      ...['local.get 0', ...(wide ? [] : ['i64.extend_i32_u'])],
      ...[`i64.const ${offset}`, 'i64.add'],
      ...['local.get 1', ...(bits === 64 ? [] : ['i64.extend_i32_s']), 'local.get 2', `i32.const ${bits / 8}`],
      ...[`i32.const ${memory}`, 'i32.const 0', `call_indirect ${type + 4} ${before.tables.length}`, 'end'],
    ];
    const hasType = after.functions[index]?.typeIndex === type + (wide ? 2 : 0) + (bits === 64 ? 1 : 0);
    const actual = body === undefined ? [] : instructionsOf(after.bytes, body.start, body.end);
    if (hasType && actual.join('; ') === expected.join('; ')) return;
    this.#fail('appended', `function ${index} does something else than the wait it stands for`, body?.start);
  }
}

interface Wait {
  readonly bits: 32 | 64;
  readonly operand: string;
  readonly memory: number;
  readonly offset: bigint;
}

/** With the immediates that such functions have. */
function instructionsOf(bytes: Uint8Array, start: number, end: number): string[] {
  const code = new Instructions(bytes, start, end);
  if (readLocals(code, 0).localCount > 0) return [];
  const found: string[] = [];
  while (!code.done) {
    code.next();
    const name = opcodeName(code.opcode);
    const operand = (): string => bytes.subarray(code.start + 2, code.offset).join();
    if (name === 'local.get') found.push(`${name} ${code.index}`);
    else if (name === 'i32.const') found.push(`${name} ${code.constant}`);
    else if (name === 'i64.const') found.push(`${name} ${new Reader(bytes, code.start + 1, code.offset).s64()}`);
    else if (name === 'call_indirect') found.push(`${name} ${code.first} ${code.index}`);
    else if (name === 'if' && bytes[code.start + 1] !== 0x40) found.push('if with a type');
    else if (name.includes('.atomic.')) found.push(`${name} ${operand()}`);
    else found.push(name);
  }
  return found;
}

function contents({ bytes }: Module, { body, end }: Section, counted: boolean): Uint8Array {
  const reader = new Reader(bytes, body, end);
  if (counted) reader.u32();
  return bytes.subarray(reader.offset, end);
}
