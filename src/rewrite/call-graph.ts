/**
 * Who may call whom, which functions can be on a cycle of calls, and from that where an entry check is needed and how much may
 * be charged between two safepoints. Indirect calls reach every function of a matching type that anything refers to or exports.
 *
 * A call of an import ends a stretch: the host is a safepoint, also when it calls back.
 */
import type { Module } from '../wasm/module.ts';
import type { TypeDefinition } from '../wasm/types.ts';
import type { CallSites } from './call-sites.ts';
import { type Components, componentsOf } from './components.ts';
import type { FunctionScan } from './scan-types.ts';
import { Stretches, type Targets, type Weights } from './stretches.ts';

export interface EntryChecks {
  /** By function index: 1 if its entry has to check the budget. */
  readonly checked: Uint8Array;
  /** By function index: 1 if it can be on a cycle of calls. Its loops are then not copied. */
  readonly cyclic: Uint8Array;
  /** The most that is charged from one check to the next. */
  readonly longestStretch: number;
}

export interface CallGraphOptions {
  readonly isChargedByCallers: (index: number) => boolean;
  /** Charges are as exact-scan.ts makes them: loops check behind an iteration, functions on cycles at calls and exits. */
  readonly exact: boolean;
}

/** States of a node on a cycle; others have none. */
const fresh = 1;
const open = 2;
const done = 3;

interface SignatureNodes {
  readonly nodeOfType: (type: number) => number;
  /** The node of what enters a continuation: any function that something refers to. */
  readonly anyFunction: number;
  readonly members: readonly number[][];
}

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
  /** Of a function, one target a call site; those of calls outside loops come first. */
  readonly #targets: Targets;
  /** By function: where the targets of calls outside loops end. */
  readonly #entryEnd: Int32Array;
  readonly #cyclic: Uint8Array;
  /** While a cycle is looked through: by node, how far that is, and which target is next; and the nodes on the way to here. */
  readonly #state: Uint8Array;
  readonly #place: Int32Array;
  readonly #path: Int32Array;

  constructor(module: Module, scans: readonly FunctionScan[], options: CallGraphOptions) {
    this.#module = module;
    this.#scans = scans;
    this.#isChargedByCallers = options.isChargedByCallers;
    this.#exact = options.exact;
    this.#functionCount = module.functions.length;
    const signatureNodes = this.#signatureNodes();
    const count = this.#functionCount + signatureNodes.members.length;
    this.#cyclic = new Uint8Array(count);
    this.#state = new Uint8Array(count);
    this.#place = new Int32Array(count);
    this.#path = new Int32Array(count);
    this.#entryEnd = new Int32Array(this.#functionCount);
    this.#targets = { first: new Int32Array(count + 1), all: new Int32Array(this.#countTargets(signatureNodes)) };
    this.#fillTargets(signatureNodes);
  }

  #countTargets({ members }: SignatureNodes): number {
    let count = 0;
    const ofCalls = ({ direct, indirect, any }: CallSites): number => direct.length + indirect.length + Number(any);
    for (const { entryCalls, loopCalls } of this.#scans) count += ofCalls(entryCalls) + ofCalls(loopCalls);
    for (const functions of members) count += functions.length;
    return count;
  }

  #fillTargets({ nodeOfType, anyFunction, members }: SignatureNodes): void {
    const { first, all } = this.#targets;
    let end = 0;
    const add = ({ direct, indirect, any }: CallSites): void => {
      all.set(direct, end);
      end += direct.length;
      for (let i = 0; i < indirect.length; i++) all[end++] = nodeOfType(indirect[i]!);
      if (any) all[end++] = anyFunction;
    };
    this.#scans.forEach(({ entryCalls, loopCalls }, i) => {
      const node = this.#module.importedFunctions + i;
      first[node] = end;
      add(entryCalls);
      this.#entryEnd[node] = end;
      add(loopCalls);
    });
    members.forEach((functions, i) => {
      first[this.#functionCount + i] = end;
      all.set(functions, end);
      end += functions.length;
    });
    first[first.length - 1] = end;
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

  /** Decides the entry checks. `forced` are functions that have to have one anyway. */
  entryChecks(forced: readonly number[]): EntryChecks {
    const { nodes, ends } = componentsOf(this.#targets);
    this.#markCycles({ nodes, ends });
    const stretches = new Stretches(this.#targets, this.#functionCount, this.#weights(), this.#exact);
    for (const index of forced) stretches.check(index);
    let start = 0;
    for (const end of ends) {
      if (this.#cyclic[nodes[start]!] === 0) stretches.add(nodes[start]!);
      else {
        const component = nodes.subarray(start, end);
        stretches.addCycle(component, this.#exact ? [] : this.#needsCheck(component));
      }
      start = end;
    }
    return { checked: stretches.checked, cyclic: this.#cyclic, longestStretch: stretches.longest };
  }

  #markCycles({ nodes, ends }: Components): void {
    let start = 0;
    for (const end of ends) {
      const cyclic = end - start > 1 || this.#callsItself(nodes[start]!);
      for (; start < end; start++) this.#cyclic[nodes[start]!] = cyclic ? 1 : 0;
    }
  }

  #callsItself(node: number): boolean {
    const { first, all } = this.#targets;
    for (let i = first[node]!; i < first[node + 1]!; i++) if (all[i] === node) return true;
    return false;
  }

  /**
   * Which functions of a cycle check at their entry. Those that are charged there do. So the cycles that are left go through
   * functions whose callers are charged, and by calls outside loops (a loop's own check is on the way): of each of those cycles,
   * one more.
   */
  #needsCheck(component: Int32Array): readonly number[] {
    const { all, first } = this.#targets;
    const state = this.#state;
    const path = this.#path;
    const checked: number[] = [];
    component.forEach((node) => {
      const checks = node >= this.#functionCount || !this.#isChargedByCallers(node);
      if (checks) checked.push(node);
      state[node] = checks ? done : fresh;
      this.#place[node] = first[node]!;
    });
    component.forEach((root) => {
      let depth = 0;
      if (state[root] === fresh) path[depth++] = root;
      while (depth > 0) {
        const node = path[depth - 1]!;
        state[node] = open;
        if (this.#place[node] === this.#entryEnd[node]!) {
          state[node] = done;
          depth--;
          continue;
        }
        const target = all[this.#place[node]!++]!;
        // Every cycle has a call that leads back into the path: its target is on the cycle.
        if (state[target] === open) checked.push(target);
        else if (state[target] === fresh) path[depth++] = target;
      }
    });
    return checked;
  }

  #weights(): Weights {
    const count = this.#cyclic.length;
    const weights = { entry: new Float64Array(count), loop: new Float64Array(count) };
    this.#scans.forEach((scan, i) => {
      const node = this.#module.importedFunctions + i;
      let entry = this.#isChargedByCallers(node) ? 0 : scan.entryWeight;
      let loop = 0;
      for (const { weight, copies } of scan.loops) {
        // Without a check at the header, the end of an iteration and the beginning of the next may come between two checks.
        if (this.#exact) entry += 2 * weight;
        const written = this.#cyclic[node] === 1 ? 1 : copies;
        loop = Math.max(loop, weight * written);
        // What leaving a copied loop charges without a check, once for each loop passed; and the first round before it.
        entry += weight * (written - (written > 1 && !this.#exact ? 0 : 1));
      }
      weights.entry[node] = entry;
      weights.loop[node] = loop;
    });
    return weights;
  }
}

/** Equal for function types that may be the same type; references to other types all look alike. */
function signatureKey(type: TypeDefinition): string {
  const { params, results } = type.signature!;
  return `${params.join()}>${results.join()}`.replaceAll(/\d+\)/g, '*)');
}
