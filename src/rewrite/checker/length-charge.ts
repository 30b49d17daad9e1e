/**
 * What an instruction that works on a length has to be charged for that (docs/counting.md), as a formula over `length`, the operand
 * that was on top of the stack in front of it, and `top`, the one that is there behind it. Formulas are text, so that an
 * added computation is right if it reads the same; another way to compute the same number is not looked for.
 */
import type { Module } from '../../wasm/module.ts';
import { opcodeName } from '../../wasm/opcodes.ts';
import type { Flow } from './flow.ts';

/** The most that one instruction is charged for its length, by every formula. */
const most = 2 ** 29 - 1;

/** memory.copy, table.grow, array.new_data …: what works on one, and what is done to it. */
const worksOnLength = /^(memory|table|array)\.(copy|fill|init|grow|new)(?:_default|_data|_elem)?$/;

interface Rule {
  readonly on: string;
  readonly act: string;
}

/** By opcode; undefined for those that have no length. */
const rules = new Map<number, Rule | undefined>();

function ruleOf(opcode: number): Rule | undefined {
  if (!rules.has(opcode)) {
    const name = opcodeName(opcode);
    const [, on, act] = worksOnLength.exec(name) ?? [];
    const known = on !== undefined && act !== undefined && name !== 'memory.grow';
    rules.set(opcode, known ? { on, act } : undefined);
  }
  return rules.get(opcode);
}

/** The formula for the instruction at a node of the original; undefined if nothing is charged beyond the instruction itself. */
export function lengthFormula(module: Module, flow: Flow, node: number): string | undefined {
  const opcode = flow.opcode[node];
  const rule = opcode === undefined ? undefined : ruleOf(opcode);
  if (rule === undefined) return undefined;
  const { on, act } = rule;
  const wide = act !== 'init' && [flow.first[node]!, flow.index[node]!].every((index) => isWide(module, on, index));
  const type = wide ? 'i64' : 'i32';
  const number = (value: number): string => (wide ? `${value}n` : `${value}`);
  // Without a test that this is the least: a memory with 32-bit addresses holds no more.
  const count = on === 'memory' ? `${type}.shr_u(length,${number(3)})` : 'length';
  if (on === 'memory' && !wide) return count;
  const bounded = `select(${count},${number(most)},${type}.lt_u(${count},${number(most)}))`;
  const narrow = wide ? `i32.wrap_i64(${bounded})` : bounded;
  return act === 'grow' ? `select(${narrow},0,${type}.ne(top,${number(-1)}))` : narrow;
}

/** Whether a length in that memory or table is an i64. */
function isWide(module: Module, on: string, index: number): boolean {
  if (on === 'array') return false;
  return (on === 'memory' ? module.memories : module.tables)[index]?.limits.wide ?? false;
}
