/**
 * Proves of a rewritten module that it is the original made interruptible, from the two binaries alone. It shares no code with the
 * rewriter, only the reading of modules (src/wasm).
 *
 * What holds if there is no violation, for modules that the engine accepts:
 * - *append-only*: sections.ts says what outside the code; inside, lockstep.ts: on every path the original's instructions are
 *   executed in their order with the same operands, nothing else is but added code, and that touches only what was added;
 * - *interruptible*: every cycle of a function's control flow passes a test of the budget behind which the safepoint is called when
 *   it is below zero, and charges at least one; every cycle of calls, with the calls and jumps that tail calls, tables, references
 *   and continuations allow, passes one too. A call of the host counts as a safepoint: what it calls back is its own affair;
 * - *bounded*: no path through any calls charges more than the bound between two tests, but for the length of a bulk instruction:
 *   that comes last, directly before a test, and is below 2²⁹;
 *   At `access` granularity a test stands between any two loads or stores. That `instruction` tests at every single instruction is
 *   not checked, beyond the bound;
 * - *exact where it shows*: the global is the true budget at every call, return and throw, and at the safepoint;
 * - *charged*: as balance.ts and exact-balance.ts say, by granularity; lengths by the formulas of length-charge.ts, directly behind their instruction.
 * What runs after a suspension, on either side, begins a new stretch and is not followed from one to the other.
 * Left to the engine: types of operands. Left out: that the host answers sensibly, and where traps leave the count.
 */
import { WirqError } from '../../errors.ts';
import { type Module, parseModule } from '../../wasm/module.ts';
import type { Granularity, HookNames } from '../instrument.ts';
import type { Appended, Expected } from './added-code.ts';
import { findAppended, functionsReferred } from './appended-functions.ts';
import { type Imbalance, underchargedPaths } from './balance.ts';
import { Calls, type OwnFunction } from './calls.ts';
import { CarriedBudget } from './carried-budget.ts';
import { inexactPaths } from './exact-balance.ts';
import { readFlow } from './flow-reader.ts';
import { followInLockstep } from './lockstep.ts';
import { type PathGraph, Place } from './path-graph.ts';
import { checkSections } from './sections.ts';
import { type Longest, longestStretch, unsafeRecursion } from './stretch.ts';
import { TypeTable } from './type-shapes.ts';
import { type CheckReport, type ViolationKind, Violations } from './violation.ts';

export interface CheckOptions {
  /** Default `loop`. */
  readonly granularity?: Granularity | undefined;
  /** As it was given to the rewriter: with `none` nothing may be charged, and the bound is one of what is executed. */
  readonly counting?: 'instructions' | 'none' | undefined;
  /** As it was given to the rewriter: functions whose safepoints say that they are masked. */
  readonly maskFunction?: ((name: string) => boolean) | undefined;
  /** As given to the rewriter. */
  readonly probes?: readonly number[] | undefined;
  /** The most that may be charged between two safepoints. Default: what a 32-bit budget bears. */
  readonly bound?: number | undefined;
}

/** A stretch has to stay far from taking a budget below what 32 bits hold. */
const defaultBound = 2 ** 30;

/**
 * Checks a rewritten module against its original. Never throws for what the modules are; what is wrong is in the report.
 *
 * @example
 * const { bytes, hookNames } = instrument(original);
 * checkRewritten(original, bytes, hookNames).violations.map(formatViolation)
 */
export function checkRewritten(
  original: Uint8Array,
  rewritten: Uint8Array,
  hookNames: HookNames,
  options: CheckOptions = {},
): CheckReport {
  const violations = new Violations();
  const before = parse('original', original, violations);
  const after = parse('rewritten', rewritten, violations);
  if (before === undefined || after === undefined) return report(violations);
  checkSections(before, after, hookNames, violations);
  const appended = findAppended(before, after, hookNames, violations);
  if (appended === undefined || after.bodies.length < before.bodies.length) return report(violations);
  const functions = checkFunctions(before, after, appended, options, violations);
  const safepoints = functions.reduce((sum, { graph }) => sum + countSafepoints(graph), 0);
  // What is said below of calls would be of a module that nobody has.
  if (violations.list.length > 0) return { ...report(violations), safepoints };
  return { ...checkCalls(before, functions, options, violations), safepoints };
}

function isExact({ granularity = 'loop' }: CheckOptions): boolean {
  return granularity !== 'loop';
}

function report(violations: Violations): CheckReport {
  return { violations: violations.list, safepoints: 0, longestStretch: { charged: 0, executed: 0 } };
}

function parse(which: string, bytes: Uint8Array, violations: Violations): Module | undefined {
  return attempt(which, violations, () => parseModule(bytes));
}

function attempt<T>(which: string, violations: Violations, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof WirqError)) throw error;
    violations.malformed(which, error);
    return undefined;
  }
}

/** Each function for itself: gives their graphs. */
function checkFunctions(
  before: Module,
  after: Module,
  appended: Appended,
  options: CheckOptions,
  violations: Violations,
): OwnFunction[] {
  const probes = new Set(options.probes);
  const exact = isExact(options);
  const counts = options.counting !== 'none';
  const types = [new TypeTable(before), new TypeTable(after)] as const;
  const carried = new CarriedBudget(before, after);
  carried.checkTypes(functionsReferred(before, before.bodies.length), violations);
  const functions: OwnFunction[] = [];
  for (let i = 0; i < before.bodies.length; i++) {
    const old = attempt('original', violations, () => readFlow(before, types[0], i));
    const now = attempt('rewritten', violations, () => readFlow(after, types[1], i));
    if (old === undefined || now === undefined) continue;
    const index = before.importedFunctions + i;
    const name = before.functionName(index);
    if (!carried.sameLocals(index, old, now)) {
      const [rewrittenOffset, originalOffset] = [now.localsStart, old.localsStart];
      violations.add({
        kind: 'order',
        message: 'the locals are not those of the original',
        function: name,
        rewrittenOffset,
        originalOffset,
      });
      continue;
    }
    const masked = options.maskFunction?.(name) ?? false;
    const expected = {
      index,
      masked,
      probed: probes.has(index),
      exact,
      counts,
      carried,
      carries: carried.carries(index),
      firstLocal: old.localCount,
    };
    const graph = followInLockstep(
      { module: after, flow: now },
      { module: before, flow: old },
      appended,
      expected,
      violations,
    );
    const own = { index, graph, flow: now };
    checkCycles(before, own, expected, violations);
    functions.push(own);
  }
  return functions;
}

function countSafepoints(graph: PathGraph): number {
  return graph.place.filter((place, node) => place === Place.safepoint && !graph.paid.has(node)).length;
}

function failAt(
  module: Module,
  own: OwnFunction,
  node: number,
  kind: ViolationKind,
  message: string,
  violations: Violations,
): void {
  const rewrittenOffset = own.flow.start[own.flow.instructionOf(own.graph.at[node]!)];
  violations.add({
    kind,
    message,
    function: module.functionName(own.index),
    rewrittenOffset,
    originalOffset: undefined,
  });
}

/** What has to hold of each cycle of the control flow. */
function checkCycles(module: Module, own: OwnFunction, { exact, counts }: Expected, violations: Violations): void {
  const { graph } = own;
  const complain = (node: number | undefined, kind: ViolationKind, message: string): void => {
    if (node !== undefined) failAt(module, own, node, kind, message, violations);
  };
  const unsafe = graph.nodeOnCycle((from) => graph.place[from] === Place.safepoint);
  complain(unsafe, 'cycle', 'a loop goes round without passing a safepoint');
  // In exact modes that follows from the balance, but for loops that execute nothing that can be told.
  if (counts) {
    const free = graph.nodeOnCycle((from, { charged }) => charged > 0 || (exact && !graph.spins[from]));
    complain(free, 'charge', 'a loop goes round without charging anything');
  } else {
    const charging = graph.edges.findIndex((edges) => edges.some(({ charged }) => charged !== 0));
    complain(charging < 0 ? undefined : charging, 'charge', 'something is charged where nothing is counted');
  }
  const stuck = graph.nodeOnCycle((from, { advanced }) => advanced || graph.spins[from] === true);
  complain(stuck, 'order', 'added code goes round while the original does nothing');
}

/** What has to hold across calls. */
function checkCalls(
  module: Module,
  functions: readonly OwnFunction[],
  options: CheckOptions,
  violations: Violations,
): CheckReport {
  const calls = new Calls(module, functions, functionsReferred(module, functions.length));
  const recursive = unsafeRecursion(calls);
  if (recursive !== undefined) {
    const message = 'the function can come to call itself without passing a safepoint';
    failAt(module, functions[recursive]!, 0, 'cycle', message, violations);
    return report(violations);
  }
  const charged = longestStretch(calls, (edge) => edge.charged, false);
  const executed = longestStretch(calls, (edge) => edge.executed, true);
  if (options.counting === 'none') {
    const bounded = { ...charged, length: executed.length, own: executed.own, unbounded: false };
    checkBound(module, functions, bounded, options, violations);
    return { ...report(violations), longestStretch: { charged: 0, executed: executed.length } };
  }
  checkAccesses(module, calls, options, violations);
  checkBound(module, functions, charged, options, violations);
  const imbalances: readonly Imbalance[] = isExact(options) ? inexactPaths(calls) : underchargedPaths(calls);
  for (const { own, node, message } of imbalances) failAt(module, functions[own]!, node, 'charge', message, violations);
  return { ...report(violations), longestStretch: { charged: charged.length, executed: executed.length } };
}

function checkBound(
  module: Module,
  functions: readonly OwnFunction[],
  longest: Longest,
  options: CheckOptions,
  violations: Violations,
): void {
  const bound = options.bound ?? defaultBound;
  if (longest.unbounded || longest.length > bound) {
    const message = longest.unbounded
      ? 'charges add up without a safepoint, the more the deeper recursion was'
      : `${longest.length} instructions may come between two safepoints, over ${bound}`;
    failAt(module, functions[longest.own ?? 0]!, 0, 'stretch', message, violations);
  }
}

/** At `access` granularity there is a safepoint between any two loads or stores. */
function checkAccesses(module: Module, calls: Calls, { granularity }: CheckOptions, violations: Violations): void {
  if (granularity !== 'access') return;
  const { length, own } = longestStretch(calls, ({ accesses }) => accesses, true);
  if (length <= 1 || own === undefined) return;
  const message = `${length} loads and stores follow each other with no safepoint between them`;
  failAt(module, calls.functions[own]!, 0, 'stretch', message, violations);
}
