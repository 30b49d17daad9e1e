/**
 * What added instructions do, one at a time: charges, tests, calls of the safepoint and of the probe. Everything else that added
 * code might do is a violation, so whatever is not forbidden here is known to leave the guest alone.
 */
import { Effect, opcodeName, opcodeNamed } from '../../wasm/opcodes.ts';
import { Reader } from '../../wasm/reader.ts';
import {
  applied,
  type BudgetState,
  comparison,
  difference,
  exactBudget,
  sum,
  topOperand,
  unknownValue,
  type Value,
} from './budget-state.ts';
import type { CarriedBudget } from './carried-budget.ts';
import type { Flow } from './flow.ts';
import type { ViolationKind } from './violation.ts';

/** What was appended to the module: the indices, and from where on everything is appended. */
export interface Appended {
  readonly budgetGlobal: number;
  readonly hooksTable: number;
  /** By index of function: those that call the safepoint. */
  readonly safepoints: ReadonlyMap<number, SafepointFunction>;
  readonly firstFunction: number;
  readonly firstGlobal: number;
  readonly firstTable: number;
}

/** An appended function that calls the hook of the safepoint. */
export interface SafepointFunction {
  /** Whether it is given the budget, and answers with the new one; else both are in the global. */
  readonly takesBudget: boolean;
  readonly masked: boolean;
  /** Whether it puts the budget it is given into the global before the host can look. */
  readonly stores: boolean;
}

/** What is expected of one function. */
export interface Expected {
  readonly index: number;
  readonly masked: boolean;
  readonly probed: boolean;
  /** Whether the count is to be exact: then paths may take back what was charged too early. */
  readonly exact: boolean;
  /** Whether anything is counted. */
  readonly counts: boolean;
  readonly carried: CarriedBudget;
  /** Whether it gets the budget from its caller, and gives it back. */
  readonly carries: boolean;
  /** The first appended local. */
  readonly firstLocal: number;
}

export interface Fault {
  readonly kind: ViolationKind;
  readonly message: string;
}

const numbered = (name: string): number => opcodeNamed(name)!;
const op = {
  globalGet: numbered('global.get'),
  globalSet: numbered('global.set'),
  localGet: numbered('local.get'),
  localSet: numbered('local.set'),
  localTee: numbered('local.tee'),
  const: numbered('i32.const'),
  wideConst: numbered('i64.const'),
  add: numbered('i32.add'),
  sub: numbered('i32.sub'),
  less: numbered('i32.lt_s'),
  notLess: numbered('i32.ge_s'),
  eqz: numbered('i32.eqz'),
  drop: numbered('drop'),
  call: numbered('call'),
  callIndirect: numbered('call_indirect'),
} as const;

/** What may be computed from a length, by opcode: from how many operands. */
const inFormulas = new Map([
  ...['i32.shr_u', 'i64.shr_u', 'i32.lt_u', 'i64.lt_u', 'i32.ne', 'i64.ne'].map((name) => [numbered(name), 2] as const),
  [numbered('i32.wrap_i64'), 1],
  [numbered('select'), 3],
]);

const probeSlot = 1;

/** What an added instruction comes to. */
export interface Step {
  readonly charged: number;
  readonly probe: boolean;
}
const nothing: Step = { charged: 0, probe: false };

export class AddedCode {
  readonly #bytes: Uint8Array;
  readonly #flow: Flow;
  readonly #appended: Appended;
  readonly #expected: Expected;

  /** `flow` is of a function in `bytes`. */
  constructor(bytes: Uint8Array, flow: Flow, appended: Appended, expected: Expected) {
    this.#bytes = bytes;
    this.#flow = flow;
    this.#appended = appended;
    this.#expected = expected;
  }

  /** Whether the instruction cannot be one of the original's: it works on what was appended. */
  isAdded(node: number, state: BudgetState): boolean {
    if (state.stack.length > 0) return true;
    const { opcode, effect, first, index } = this.#flow;
    switch (opcode[node]) {
      case op.globalGet:
      case op.globalSet:
        return index[node]! >= this.#appended.firstGlobal;
      case op.localGet:
      case op.localSet:
      case op.localTee:
        return index[node]! >= this.#expected.firstLocal;
      case op.const:
        return this.#isProbe(node);
      default:
        break;
    }
    if (effect[node] === Effect.call) return first[node]! >= this.#appended.firstFunction;
    return effect[node] === Effect.callIndirect && index[node]! >= this.#appended.firstTable;
  }

  /** Constants, and then a call through the appended table: nothing before tells that they are added. */
  #isProbe(from: number): boolean {
    const { opcode, index } = this.#flow;
    let node = from;
    while (opcode[node] === op.const && node - from < 3) node++;
    return opcode[node] === op.callIndirect && index[node]! >= this.#appended.firstTable;
  }

  /** Follows one added instruction that is no branch; changes the state. */
  run(node: number, state: BudgetState): Step | Fault {
    const { opcode, index, constant } = this.#flow;
    switch (opcode[node]) {
      case op.globalGet:
        if (index[node] !== this.#appended.budgetGlobal) return this.#foreign(node);
        state.stack.push(state.global);
        return nothing;
      case op.globalSet:
        return this.#setGlobal(node, state);
      case op.localGet:
        if (index[node]! < this.#expected.firstLocal) return this.#foreign(node);
        state.stack.push(state.locals[index[node]! - this.#expected.firstLocal]!);
        return nothing;
      case op.localSet:
      case op.localTee:
        return this.#setLocal(node, state);
      case op.const:
        state.stack.push({ kind: 'constant', value: constant[node]! });
        return nothing;
      case op.wideConst: {
        const value = new Reader(this.#bytes, this.#flow.start[node]! + 1).s64();
        state.stack.push({ kind: 'formula', text: `${value}n` });
        return nothing;
      }
      case op.drop:
        state.pop();
        return nothing;
      case op.call:
        return this.#callSafepoint(node, state);
      case op.callIndirect:
        return this.#callProbe(node, state);
      default:
        return this.#compute(node, state);
    }
  }

  #foreign(node: number): Fault {
    const name = opcodeName(this.#flow.opcode[node]!);
    return { kind: 'budget', message: `added code touches what is not its own: ${name}` };
  }

  #setGlobal(node: number, state: BudgetState): Step | Fault {
    if (this.#flow.index[node] !== this.#appended.budgetGlobal) return this.#foreign(node);
    const { value, charged } = state.charge(state.pop());
    state.global = value;
    if (value.kind !== 'budget') return { kind: 'budget', message: 'what is written to the budget is not the budget' };
    if (value.ahead !== 0) return { kind: 'budget', message: `a budget is written back that misses ${value.ahead}` };
    return this.#charge(charged);
  }

  #setLocal(node: number, state: BudgetState): Step | Fault {
    const local = this.#flow.index[node]! - this.#expected.firstLocal;
    if (local < 0) return this.#foreign(node);
    const tee = this.#flow.opcode[node] === op.localTee;
    // With nothing added on the stack, a tee looks at an operand of the guest's and leaves it there; a set would take it away.
    if (state.stack.length === 0 && !tee) return this.#foreign(node);
    const given = state.stack.length === 0;
    const { value, charged } = state.charge(given ? topOperand : state.pop());
    state.locals[local] = value;
    if (tee && !given) state.stack.push(value);
    return this.#charge(charged);
  }

  /** A path may give back what another that it meets does not owe, but only where counts are exact. */
  #charge(charged: number): Step | Fault {
    if (charged >= 0 || this.#expected.exact) return { charged, probe: false };
    return { kind: 'charge', message: `${-charged} instructions are taken back` };
  }

  #compute(node: number, state: BudgetState): Step | Fault {
    const opcode = this.#flow.opcode[node];
    const operands = inFormulas.get(opcode!);
    if (operands !== undefined) {
      const taken = Array.from({ length: operands }, () => state.pop()).reverse();
      state.stack.push(applied(opcodeName(opcode!), taken));
      return nothing;
    }
    const right = state.pop();
    if (opcode === op.eqz) {
      state.stack.push(right.kind === 'test' ? { ...right, not: !right.not } : unknownValue);
      return nothing;
    }
    const left = state.pop();
    let result: Value;
    if (opcode === op.sub && left.kind === 'budget' && right.kind === 'formula') {
      if (left.length || right.text !== state.lengthDue) return wrongLength(right.text, state.lengthDue);
      result = { ...left, length: true };
    } else if (opcode === op.add) result = sum(left, right);
    else if (opcode === op.sub) result = difference(left, right);
    else if (opcode === op.less) result = comparison(left, right, false);
    else if (opcode === op.notLess) result = comparison(left, right, true);
    else return { kind: 'order', message: `${opcodeName(opcode!)} takes operands of added code` };
    state.stack.push(result);
    return nothing;
  }

  #callSafepoint(node: number, state: BudgetState): Step | Fault {
    const called = this.#appended.safepoints.get(this.#flow.first[node]!);
    if (called === undefined) {
      return { kind: 'budget', message: 'added code calls something else than the safepoint' };
    }
    if (state.due !== 'yes') {
      return { kind: 'safepoint', message: 'the safepoint is called though the budget was not found below zero' };
    }
    if (called.takesBudget) {
      const budget = state.pop();
      if (budget.kind !== 'budget' || budget.ahead !== 0 || budget.taken !== state.owed || budget.length) {
        return { kind: 'safepoint', message: 'the safepoint is told something else than the budget' };
      }
    } else if (state.owed !== 0) {
      return { kind: 'safepoint', message: 'the safepoint is not told what is owed' };
    }
    if (called.masked !== this.#expected.masked) {
      const not = this.#expected.masked ? '' : 'not ';
      return { kind: 'safepoint', message: `the safepoint is not told that it is ${not}masked` };
    }
    if (!state.globalIsExact && !called.stores) {
      return { kind: 'budget', message: 'the global is not the budget when the safepoint is called' };
    }
    const charged = state.owed;
    state.due = 'no';
    state.owed = 0;
    // The operands below survive, but say something of a budget that is gone.
    state.stack.fill(unknownValue);
    state.afterCall();
    if (called.takesBudget) state.stack.push(exactBudget);
    return { charged, probe: false };
  }

  #callProbe(node: number, state: BudgetState): Step | Fault {
    if (this.#flow.index[node] !== this.#appended.hooksTable) return this.#foreign(node);
    const slot = state.pop();
    const index = state.pop();
    const right =
      slot.kind === 'constant' &&
      slot.value === probeSlot &&
      index.kind === 'constant' &&
      index.value === this.#expected.index &&
      state.stack.length === 0;
    if (!right) return { kind: 'budget', message: 'a hook is called that is not the probe of this function' };
    if (!state.globalIsExact)
      return { kind: 'budget', message: 'the global is not the budget when the probe is called' };
    state.afterCall();
    return { charged: 0, probe: true };
  }
}

function wrongLength(charged: string, due: string | undefined): Fault {
  const instead = due === undefined ? 'where no length is to be charged' : `instead of ${due}`;
  return { kind: 'charge', message: `${charged} is charged ${instead}` };
}
