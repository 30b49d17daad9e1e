/**
 * Exact scans of all functions, and what a direct call leaves to its caller: so much of what the callee executed may stay *owed*
 * when it returns, if all its callers are known, and its caller charges that with what it owes itself. A function in which nobody
 * can look at the budget is *blind*: whoever calls it may go on owing. Only for `block`; mutual recursion keeps its own accounts.
 */
import type { Module } from '../wasm/module.ts';
import { type BudgetHomes, maxOwed } from './budget-homes.ts';
import type { ExactGranularity, ExactScan } from './exact-insertions.ts';
import { ExactScanner } from './exact-scan.ts';
import { InsertionList } from './insertion-list.ts';
import { PrivateTables } from './private-tables.ts';
import type { FunctionScan } from './scan-types.ts';
import type { Strides } from './strides.ts';

/** What a direct call means to the caller's account. */
export interface Callee {
  /** Executed by the callee, and not charged yet when it returns. */
  readonly owed: number;
  /** Whether the caller may owe something when it calls. */
  readonly blind: boolean;
  /** Whether it may come to call itself. */
  readonly cyclic: boolean;
  /** Whether it does something with the budget. */
  readonly touches: boolean;
  /** Whether it takes the budget from its caller, and gives it back. */
  readonly carries: boolean;
}

/** What calls mean to the account of a function that is scanned. */
export interface Callees {
  callee(index: number): Callee;
  indirect(typeIndex: number): Callee;
}

export interface ExactScansOptions {
  readonly granularity: ExactGranularity;
  /** By function index, 1 or 0: whether it can call itself, whether its entry looks at the budget, whether a probe stands there. */
  readonly cyclic: ArrayLike<number>;
  readonly checked: ArrayLike<number>;
  readonly probes: readonly number[];
  /** Undefined where the budget is in its global everywhere. */
  readonly homes: BudgetHomes | undefined;
  /** Those of the functions' scans, for `block`. */
  readonly strides: Strides | undefined;
}

/** What a function leaves, and whether it can be called while owing. */
type Account = Pick<Callee, 'owed' | 'blind' | 'touches'>;

const ownAccount: Account = { owed: 0, blind: false, touches: true };
/** Whoever an indirect call reaches. */
const anybody: Callee = { ...ownAccount, cyclic: true, carries: false };
const host: Callee = { ...ownAccount, cyclic: false, carries: false };
/** Larger bodies cost more than the call. */
const maxBodyBytes = 4096;
/** Of functions that others than direct calls reach, larger ones are not looked at: they leave nothing anyway. */
const maxReachedBytes = 256;
/** How deep callees are looked at before their callers. */
const maxDepth = 32;
/** What a call of itself leaves while that is not known: so much that another way to the end decides. */
const notKnown = 2 ** 20;

export class ExactScans implements Callees {
  readonly #module: Module;
  readonly #functions: readonly FunctionScan[];
  readonly #options: ExactScansOptions;
  readonly #callees: (Callee | undefined)[];
  readonly #tables: PrivateTables;
  /** By own function: 1 if others than direct calls reach it, so that it leaves nothing. */
  readonly #reached: Uint8Array;
  /** By type, what an indirect call means. */
  readonly #indirect = new Map<number, Callee>();
  /** Own functions that are being looked at, each called by the one before. */
  readonly #path: number[] = [];
  /** Lists that nobody needs any more. */
  readonly #free: InsertionList[] = [];
  /** What was taken last: until the next is, somebody may write it. */
  #taken: InsertionList | undefined;
  /** By how many those are. */
  readonly #scanners: ExactScanner[] = [];

  constructor(module: Module, functions: readonly FunctionScan[], options: ExactScansOptions) {
    this.#module = module;
    this.#functions = functions;
    this.#options = options;
    this.#callees = new Array<undefined>(functions.length).fill(undefined);
    this.#reached = new Uint8Array(functions.length);
    this.#tables = new PrivateTables(module);
    const { importedFunctions, referenced, start, bodies } = module;
    const keepsOwn = (index: number): void => {
      if (index >= importedFunctions) this.#decide(index - importedFunctions, ownAccount);
    };
    for (const index of options.probes) keepsOwn(index);
    for (const index of start === undefined ? referenced : [...referenced, start]) {
      const body = bodies[index - importedFunctions];
      if (body === undefined) continue;
      this.#reached[index - importedFunctions] = 1;
      if (body.end - body.start > maxReachedBytes) keepsOwn(index);
    }
    functions.forEach(({ special, entryCalls, loopCalls }, i) => {
      entryCalls.tails.forEach(keepsOwn);
      loopCalls.tails.forEach(keepsOwn);
      const { start: from, end } = bodies[i]!;
      const hasTailCalls = entryCalls.tails.length + loopCalls.tails.length > 0;
      const simple = !special && !hasTailCalls && end - from <= maxBodyBytes;
      if (!simple || options.granularity !== 'block') keepsOwn(importedFunctions + i);
    });
  }

  /** The scan of own function `i`, to be written before the next is asked for. */
  take(i: number): ExactScan {
    if (this.#taken !== undefined) this.#free.push(this.#taken);
    const scan = this.#scan(i, this.#calleeOf(i).owed);
    this.#taken = scan.insertions;
    return scan;
  }

  #list(): InsertionList {
    return this.#free.pop() ?? new InsertionList();
  }

  /** What a call of this function means. */
  callee(index: number): Callee {
    const i = index - this.#module.importedFunctions;
    return i < 0 ? host : this.#calleeOf(i);
  }

  /** What an indirect call of this type means: it can be made while owing if nobody can look in any function it may reach. */
  indirect(typeIndex: number): Callee {
    const known = this.#indirect.get(typeIndex);
    if (known !== undefined) return known;
    const targets = this.#options.granularity === 'block' ? this.#tables.targets(typeIndex) : [];
    const callees = targets.map((index) => this.callee(index));
    const blind = callees.length > 0 && callees.every((callee) => callee.blind);
    const callee = blind ? { ...host, blind, touches: callees.some(({ touches }) => touches) } : anybody;
    this.#indirect.set(typeIndex, callee);
    return callee;
  }

  #decide(i: number, { owed, blind, touches }: Account): Callee {
    const { homes, cyclic } = this.#options;
    const index = i + this.#module.importedFunctions;
    const callee = { owed, blind, touches, cyclic: cyclic[index] === 1, carries: homes?.carriers.has(index) ?? false };
    this.#callees[i] = callee;
    return callee;
  }

  #calleeOf(i: number): Callee {
    const known = this.#callees[i];
    if (known !== undefined) return known;
    if (this.#path[this.#path.length - 1] === i) {
      const carries = this.#options.homes?.carriers.has(i + this.#module.importedFunctions) ?? false;
      return { owed: notKnown, blind: false, cyclic: true, touches: true, carries };
    }
    let account: Account | undefined;
    if (!this.#path.includes(i) && this.#path.length < maxDepth) account = this.#look(i);
    return this.#callees[i] ?? this.#decide(i, account ?? ownAccount);
  }

  /** Scans a function to see what it leaves. Undefined if that was decided while it was looked at. */
  #look(i: number): Account | undefined {
    this.#path.push(i);
    const scan = this.#scan(i, undefined);
    this.#path.pop();
    if (this.#callees[i] !== undefined) return undefined;
    const { cyclic, checked } = this.#options;
    const index = i + this.#module.importedFunctions;
    const recursive = cyclic[index] === 1;
    const needed = scan.insertions.length;
    const owed = scan.owed <= maxOwed && this.#reached[i] === 0 ? scan.owed : 0;
    this.#free.push(scan.insertions);
    const blind = scan.blind && !recursive && checked[index] === 0;
    return { owed, blind, touches: !blind || owed < scan.owed || needed > 0 };
  }

  #scan(i: number, owed: number | undefined): ExactScan {
    const { granularity, cyclic, homes, strides } = this.#options;
    // A call may lead to the callee's scan in the middle of the caller's.
    const depth = this.#path.length;
    this.#scanners[depth] ??= new ExactScanner(this.#module, granularity, this, strides);
    const into = this.#list();
    return this.#scanners[depth]!.run(this.#module.bodies[i]!, this.#functions[i]!, into, {
      local: homes?.isLocal(i) ?? false,
      cyclic: cyclic[i + this.#module.importedFunctions] === 1,
      owed,
    });
  }
}
