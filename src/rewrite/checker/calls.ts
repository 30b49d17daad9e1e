/**
 * Who may call whom in a rewritten module, and in which order to look at functions so that callees come first. An indirect call
 * reaches every function of its type that anything refers to; a resumed continuation, every function that anything refers to.
 */
import type { Module } from '../../wasm/module.ts';
import type { Flow } from './flow.ts';
import { anybody, type Callee, nobody, type PathGraph, Place, typeOfCallee } from './path-graph.ts';

/** What is known of one function of the module's own. */
export interface OwnFunction {
  readonly index: number;
  readonly graph: PathGraph;
  /** Of the rewritten function. */
  readonly flow: Flow;
}

export class Calls {
  readonly functions: readonly OwnFunction[];
  /** Own functions that others than direct calls may reach, by number in `functions`. */
  readonly referenced: ReadonlySet<number>;
  readonly #module: Module;
  /** Those that an indirect call or a continuation may reach. */
  readonly #anybody: readonly number[];
  readonly #ofKind = new Map<string, readonly number[]>();
  readonly #known = new Map<Callee, readonly number[]>();
  readonly #subtyping: boolean;
  /** Whether only the module puts functions into its tables; and the kinds of those that it imports and refers to. */
  readonly #tablesArePrivate: boolean;
  readonly #foreignKinds = new Set<string>();

  /** `module` is the original; `functionsReferred` are indices that `ref.func` in code refers to. */
  constructor(module: Module, functions: readonly OwnFunction[], functionsReferred: Iterable<number>) {
    this.#module = module;
    this.functions = functions;
    this.#subtyping = module.types.some(({ kind, subtyping }) => kind === 'func' && subtyping);
    const own = (indices: Iterable<number>): readonly number[] =>
      [...new Set(indices)].map((index) => index - module.importedFunctions).filter((each) => each >= 0);
    const referred = [...module.referenced, ...functionsReferred];
    // The host calls the start function, but nothing refers to it.
    this.referenced = new Set(own(module.start === undefined ? referred : [...referred, module.start]));
    this.#anybody = own(referred);
    this.#tablesArePrivate = ownsTables(module);
    for (const index of referred) {
      if (index < module.importedFunctions) this.#foreignKinds.add(this.#key(module.functions[index]!.typeIndex));
    }
    for (const each of this.#anybody) {
      const key = this.#key(module.functions[each + module.importedFunctions]!.typeIndex);
      this.#ofKind.set(key, [...(this.#ofKind.get(key) ?? []), each]);
    }
  }

  /** Equal for types that may be equal: indices of other types are left out, and with subtypes all functions are alike. */
  #key(type: number): string {
    if (this.#subtyping) return '';
    const signature = this.#module.types[type]?.signature;
    return `${signature?.params.join()}:${signature?.results.join()}`.replaceAll(/\d+\)/g, '_)');
  }

  /** Whether a call reaches only functions of the module's own: a host that writes into its tables is not reckoned with. */
  reachesOwnOnly(callee: Callee): boolean {
    if (callee >= 0) return callee >= this.#module.importedFunctions;
    if (callee === nobody || callee === anybody || !this.#tablesArePrivate) return false;
    return !this.#foreignKinds.has(this.#key(typeOfCallee(callee)));
  }

  /** Numbers in `functions` of who may be called; imports are left out. */
  targets(callee: Callee): readonly number[] {
    const known = this.#known.get(callee);
    if (known !== undefined) return known;
    let targets: readonly number[];
    if (callee === nobody) targets = [];
    else if (callee === anybody) targets = this.#anybody;
    else if (callee < 0) targets = this.#ofKind.get(this.#key(typeOfCallee(callee))) ?? [];
    else targets = callee < this.#module.importedFunctions ? [] : [callee - this.#module.importedFunctions];
    this.#known.set(callee, targets);
    return targets;
  }

  /** Whether a function may be called through tables and references only, gives a result, and only computes. */
  isTableLeaf(own: number): boolean {
    const { index, graph } = this.functions[own]!;
    const isCalledByName = this.#module.exports.some((each) => each.kind === 'func' && each.index === index);
    if (isCalledByName || index === this.#module.start || this.#module.functionType(index).results.length === 0)
      return false;
    return graph.place.every((place) => place === Place.junction || place === Place.exit || place === Place.trap);
  }

  name(own: number): string {
    return this.#module.functionName(this.functions[own]!.index);
  }

  /** Strongly connected components of who calls whom, callees first; `component` gives each function's number. */
  components(): { readonly list: readonly (readonly number[])[]; readonly component: Int32Array } {
    // Kinds of callees are nodes of their own behind the functions: types can have thousands of functions each.
    const callees: Callee[] = [];
    const numberOf = new Map<Callee, number>();
    const own = this.functions.length;
    const node = (callee: Callee): number => {
      if (callee >= 0) return callee - this.#module.importedFunctions;
      const known = numberOf.get(callee);
      if (known !== undefined) return known;
      numberOf.set(callee, own + callees.length);
      return own + callees.push(callee) - 1;
    };
    const edges: (readonly number[])[] = this.functions.map(({ graph }) => {
      const called = new Set<number>();
      graph.place.forEach((place, i) => {
        if (place === Place.call || place === Place.tailCall) called.add(node(graph.callee[i]!));
      });
      return [...called].filter((target) => target >= 0);
    });
    for (const callee of callees) edges.push(this.targets(callee));
    const list = stronglyConnected(edges)
      .map((members) => members.filter((member) => member < own))
      .filter((members) => members.length > 0);
    const component = new Int32Array(own);
    list.forEach((members, i) => {
      for (const member of members) component[member] = i;
    });
    return { list, component };
  }
}

/** Whether no table is shared with others, and no value that crosses the border, or is kept, is a reference. */
function ownsTables({ tables, exports, globals, types }: Module): boolean {
  const shared = tables.some(({ imported }) => imported) || exports.some(({ kind }) => kind === 'table');
  const kept = globals.map(({ type }) => type);
  const values = types.flatMap(({ signature }) => [...(signature?.params ?? []), ...(signature?.results ?? [])]);
  const plainTypes = types.every(({ kind, subtyping }) => kind === 'func' && !subtyping);
  return !shared && plainTypes && ![...kept, ...values].some((type) => type.includes('ref'));
}

/** Components of a graph, each after those it leads to. Gabow's algorithm with two stacks, without recursion. */
export function stronglyConnected(edges: readonly (readonly number[])[]): number[][] {
  const order = new Int32Array(edges.length).fill(-1);
  const done = new Uint8Array(edges.length);
  const next = new Int32Array(edges.length);
  const open: number[] = [];
  const roots: number[] = [];
  const components: number[][] = [];
  let count = 0;
  for (let start = 0; start < edges.length; start++) {
    if (order[start] !== -1) continue;
    const path: number[] = [];
    const visit = (node: number): void => {
      order[node] = count++;
      open.push(node);
      roots.push(node);
      path.push(node);
    };
    visit(start);
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      const target = edges[node]![next[node]!++];
      if (target === undefined) {
        path.pop();
        if (roots[roots.length - 1] !== node) continue;
        roots.pop();
        components.push(closeComponent(open, node, done));
      } else if (order[target] === -1) visit(target);
      else if (done[target] === 0) while (order[roots[roots.length - 1]!]! > order[target]!) roots.pop();
    }
  }
  return components;
}

/** What lies on the stack from `root` up. */
function closeComponent(open: number[], root: number, done: Uint8Array): number[] {
  const component: number[] = [];
  for (let member = -1; member !== root; ) {
    member = open.pop()!;
    done[member] = 1;
    component.push(member);
  }
  return component;
}
