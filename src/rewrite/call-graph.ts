/**
 * Who may call whom, which functions can be on a cycle of calls, and from that where an entry check is needed and how much may
 * be charged between two safepoints. Indirect calls reach every function of a matching type that anything refers to or exports.
 *
 * A call of an import ends a stretch: the host is a safepoint, also when it calls back.
 */
import { maxStretch } from '../wasm/limits.ts';
import type { Module } from '../wasm/module.ts';
import type { TypeDefinition } from '../wasm/types.ts';
import type { CallSites, FunctionScan } from './scan-types.ts';

export interface EntryChecks {
  /** By function index: whether its entry has to check the budget. */
  readonly checked: readonly boolean[];
  /** By function index: whether it can be on a cycle of calls. Its loops are then not copied. */
  readonly cyclic: readonly boolean[];
  /** The most that is charged from one check to the next. */
  readonly longestStretch: number;
}

export interface CallGraphOptions {
  readonly isChargedByCallers: (index: number) => boolean;
  /** Charges are as exact-scan.ts makes them: loops check behind an iteration, functions on cycles at calls and exits. */
  readonly exact: boolean;
}

interface SignatureNodes {
  readonly nodeOfType: (type: number) => number;
  /** The node of what enters a continuation: any function that something refers to. */
  readonly anyFunction: number;
  readonly members: readonly number[][];
}

/** A callee worth a check when too many calls of unchecked functions stand in one function. */
const cheapCallee = 256;

/**
 * Nodes are functions, and behind them one node for each kind of signature that is called indirectly.
 * `scans[i]` is that of own function i.
 */
export class CallGraph {
  readonly #module: Module;
  readonly #scans: readonly FunctionScan[];
  readonly #isChargedByCallers: (index: number) => boolean;
  readonly #exact: boolean;
  readonly #functionCount: number;
  /** Targets of each node; of a function, one element a call site. */
  readonly #targets: (readonly number[])[] = [];
  /** The first targets of a function are those of calls outside loops: so many. */
  readonly #entryTargets: number[] = [];
  readonly #cyclic: Uint8Array;

  constructor(module: Module, scans: readonly FunctionScan[], options: CallGraphOptions) {
    this.#module = module;
    this.#scans = scans;
    this.#isChargedByCallers = options.isChargedByCallers;
    this.#exact = options.exact;
    this.#functionCount = module.functions.length;
    const signatureNodes = this.#signatureNodes();
    for (let i = 0; i < module.importedFunctions; i++) this.#targets[i] = [];
    scans.forEach((scan, i) => {
      const nodes = ({ direct, indirect, any }: CallSites): number[] => [
        ...direct,
        ...indirect.map((type) => signatureNodes.nodeOfType(type)),
        ...(any ? [signatureNodes.anyFunction] : []),
      ];
      const entry = nodes(scan.entryCalls);
      this.#targets[module.importedFunctions + i] = [...entry, ...nodes(scan.loopCalls)];
      this.#entryTargets[module.importedFunctions + i] = entry.length;
    });
    this.#cyclic = new Uint8Array(this.#functionCount + signatureNodes.members.length);
    signatureNodes.members.forEach((functions, i) => {
      this.#targets[this.#functionCount + i] = functions;
    });
  }

  #signatureNodes(): SignatureNodes {
    const { types, functions, referenced } = this.#module;
    // Where function types have subtypes, a call of one type may reach another: then all referenced functions are one kind.
    const subtyping = types.some((type) => type.kind === 'func' && type.subtyping);
    const keyOf = (type: TypeDefinition): string => (subtyping ? '' : signatureKey(type));
    const indices = new Map<string, number>();
    const members: number[][] = [];
    const kindOf = (typeIndex: number): number => {
      const key = keyOf(types[typeIndex]!);
      const known = indices.get(key);
      if (known !== undefined) return known;
      indices.set(key, members.length);
      return members.push([]) - 1;
    };
    const kinds = types.map((type, index) => (type.kind === 'func' ? kindOf(index) : -1));
    for (const index of referenced) members[kinds[functions[index]!.typeIndex]!]!.push(index);
    const anyFunction = this.#functionCount + members.push([...referenced]) - 1;
    return { nodeOfType: (type) => this.#functionCount + kinds[type]!, anyFunction, members };
  }

  /** Strongly connected components, callees first (Tarjan's algorithm, without recursion). */
  #components(): number[][] {
    const count = this.#targets.length;
    const order = new Int32Array(count).fill(-1);
    const low = new Int32Array(count);
    const onStack = new Uint8Array(count);
    const nextTarget = new Int32Array(count);
    const stack: number[] = [];
    const path: number[] = [];
    const components: number[][] = [];
    let visited = 0;
    const enter = (node: number): void => {
      order[node] = low[node] = visited++;
      stack.push(node);
      onStack[node] = 1;
      path.push(node);
    };
    const leave = (node: number): void => {
      if (low[node] !== order[node]) return;
      const component: number[] = [];
      for (let member = -1; member !== node; ) {
        member = stack.pop()!;
        onStack[member] = 0;
        component.push(member);
      }
      components.push(component);
    };
    for (let root = 0; root < count; root++) {
      if (order[root] !== -1) continue;
      enter(root);
      while (path.length > 0) {
        const node = path[path.length - 1]!;
        const targets = this.#targets[node]!;
        if (nextTarget[node]! < targets.length) {
          const target = targets[nextTarget[node]!++]!;
          if (order[target] === -1) enter(target);
          else if (onStack[target] === 1) low[node] = Math.min(low[node]!, order[target]!);
          continue;
        }
        path.pop();
        const parent = path[path.length - 1];
        if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
        leave(node);
      }
    }
    return components;
  }

  /** Decides the entry checks. `forced` are functions that have to have one anyway. */
  entryChecks(forced: readonly number[]): EntryChecks {
    const stretches = new Stretches(this.#targets, this.#functionCount, this.#exact, (node) => this.#weights(node));
    for (const index of forced) stretches.check(index);
    for (const component of this.#components()) {
      const [first] = component;
      const cyclic = component.length > 1 || this.#targets[first!]!.includes(first!);
      if (cyclic) for (const node of component) this.#cyclic[node] = 1;
      if (cyclic) stretches.addCycle(component, this.#exact ? [] : this.#needsCheck(component));
      else stretches.add(first!);
    }
    const checked = Array.from({ length: this.#functionCount }, (_, i) => stretches.isChecked(i));
    const cyclic = Array.from({ length: this.#functionCount }, (_, i) => this.#cyclic[i] === 1);
    return { checked, cyclic, longestStretch: stretches.longest };
  }

  /**
   * Which functions of a cycle check at their entry. Those that are charged there do. So the cycles that are left go through
   * functions whose callers are charged, and by calls outside loops (a loop's own check is on the way): of each of those cycles,
   * one more.
   */
  #needsCheck(component: readonly number[]): readonly number[] {
    const checked = component.filter((node) => node >= this.#functionCount || !this.#isChargedByCallers(node));
    const state = new Map<number, 'new' | 'open' | 'done'>(component.map((node) => [node, 'new']));
    for (const node of checked) state.set(node, 'done');
    for (const root of component) {
      const path: [node: number, place: number][] = state.get(root) === 'new' ? [[root, 0]] : [];
      while (path.length > 0) {
        const top = path[path.length - 1]!;
        const [node, place] = top;
        state.set(node, 'open');
        if (place === this.#entryTargets[node]!) {
          state.set(node, 'done');
          path.pop();
          continue;
        }
        top[1]++;
        const target = this.#targets[node]![place]!;
        // Every cycle has a call that leads back into the path: its target is on the cycle.
        if (state.get(target) === 'open') checked.push(target);
        else if (state.get(target) === 'new') path.push([target, 0]);
      }
    }
    return checked;
  }

  #weights(node: number): { entry: number; loop: number } {
    const scan = this.#scans[node - this.#module.importedFunctions];
    if (node >= this.#functionCount || scan === undefined) return { entry: 0, loop: 0 };
    let loop = 0;
    let entry = this.#isChargedByCallers(node) ? 0 : scan.entryWeight;
    for (const { weight, copies } of scan.loops) {
      // Without a check at the header, one iteration of every loop may pass between two checks.
      if (this.#exact) entry += weight;
      const written = this.#cyclic[node] === 1 ? 1 : copies;
      loop = Math.max(loop, weight * written);
      // What leaving a copied loop charges without a check, once for each loop passed.
      entry += weight * (written - 1);
    }
    return { entry, loop };
  }
}

/** Equal for function types that may be the same type; references to other types all look alike. */
function signatureKey(type: TypeDefinition): string {
  const { params, results } = type.signature!;
  return `${params.join()}>${results.join()}`.replaceAll(/\d+\)/g, '*)');
}

/**
 * How much is charged along a call, for each node once its callees are known:
 * *through* it without passing a check, from its entry up to the first check (*head*), from the last check to its return (*tail*).
 */
class Stretches {
  longest = 0;
  readonly #targets: readonly (readonly number[])[];
  readonly #functionCount: number;
  readonly #exact: boolean;
  readonly #weights: (node: number) => { entry: number; loop: number };
  readonly #through: Float64Array;
  readonly #head: Float64Array;
  readonly #tail: Float64Array;
  readonly #checked: Uint8Array;

  constructor(
    targets: readonly (readonly number[])[],
    functionCount: number,
    exact: boolean,
    weights: (node: number) => { entry: number; loop: number },
  ) {
    this.#targets = targets;
    this.#functionCount = functionCount;
    this.#exact = exact;
    this.#weights = weights;
    this.#through = new Float64Array(targets.length);
    this.#head = new Float64Array(targets.length);
    this.#tail = new Float64Array(targets.length);
    this.#checked = new Uint8Array(targets.length);
  }

  isChecked(node: number): boolean {
    return this.#checked[node] === 1;
  }

  /** Gives a function an entry check; of a signature, all its functions. What was computed with it unchecked stays a bound. */
  check(node: number): void {
    if (this.#checked[node] === 1) return;
    this.#checked[node] = 1;
    this.#through[node] = 0;
    if (node >= this.#functionCount) for (const target of this.#targets[node]!) this.check(target);
    else this.#head[node] = this.#weights(node).entry;
  }

  /** A node off every cycle. */
  add(node: number): void {
    if (node >= this.#functionCount) {
      this.#addSignature(node);
      return;
    }
    const { entry, loop } = this.#weights(node);
    let calls = this.#sumThrough(node);
    if (calls > maxStretch) {
      for (const target of this.#targets[node]!) if (this.#through[target]! > cheapCallee) this.check(target);
      calls = this.#sumThrough(node);
    }
    const { head, tail } = this.#ends(node);
    const next = Math.max(loop, head);
    this.#through[node] = entry + calls;
    this.#head[node] = entry + calls + next;
    this.#tail[node] = calls + tail;
    this.longest = Math.max(this.longest, entry + calls + tail + next);
    if (entry + calls > maxStretch || this.#checked[node] === 1) {
      this.#checked[node] = 0;
      this.check(node);
    }
  }

  #addSignature(node: number): void {
    for (const target of this.#targets[node]!) {
      this.#through[node] = Math.max(this.#through[node]!, this.#through[target]!);
      this.#head[node] = Math.max(this.#head[node]!, this.#head[target]!);
      this.#tail[node] = Math.max(this.#tail[node]!, this.#tail[target]!);
    }
  }

  /**
   * Functions that may call each other; `checked` are those that have to check. All they call that charges without a check gets
   * one too: then a return through any number of them, which passes no check, passes no charge either.
   */
  addCycle(component: readonly number[], checked: readonly number[]): void {
    for (const node of checked) this.check(node);
    for (const node of component) {
      if (this.#exact) continue;
      for (const target of this.#targets[node]!) if (this.#through[target]! > 0) this.check(target);
    }
    let calls = 0;
    if (this.#exact) {
      for (const node of component) calls = Math.max(calls, this.#weights(node).entry + this.#sumThrough(node));
    }
    let tail = 0;
    let next = 0;
    for (const node of component) {
      const weights = this.#weights(node);
      const ends = this.#ends(node);
      tail = Math.max(tail, ends.tail);
      next = Math.max(next, weights.entry, weights.loop, ends.head);
    }
    tail += calls;
    for (const node of component) {
      this.#tail[node] = tail;
      this.#head[node] = next;
    }
    this.longest = Math.max(this.longest, tail + next);
  }

  #sumThrough(node: number): number {
    let sum = 0;
    for (const target of this.#targets[node]!) sum += this.#through[target]!;
    return sum;
  }

  #ends(node: number): { head: number; tail: number } {
    let head = 0;
    let tail = 0;
    for (const target of this.#targets[node]!) {
      head = Math.max(head, this.#head[target]!);
      tail = Math.max(tail, this.#tail[target]!);
    }
    return { head, tail };
  }
}
