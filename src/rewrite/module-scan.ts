/**
 * Scans all functions of a module, and decides for which of them the callers are charged: short functions that only direct calls
 * reach. They have no charge of their own, and those that do nothing else to the budget (*leaves*) can be called without care.
 */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';
import { Candidates, Carriers } from './carriers.ts';
import { CountedLoops } from './counted-loops.ts';
import { FunctionScanner } from './function-scan.ts';
import type { FunctionScan, ScanContext } from './scan-types.ts';
import { Strides } from './strides.ts';
import { maxTableLeafWeight, TableLeaves } from './table-leaves.ts';

/** The longest entry path that callers are charged for, in counted instructions: bounds how wrong an estimate can be. */
const maxChargedByCallers = 256;
/** Larger loop bodies gain little from being copied, and the code grows. */
const maxCopiedBytes = 64;
/** No longer body has so short a path often enough to be worth looking at before its callers. */
const maxBodyBytes = 4096;
/** How deep callees are looked at before their callers. */
const maxDepth = 32;

export interface ScanOptions {
  /** Whether small loops may be written several times. */
  readonly unroll: boolean;
  /** Whether each function has to count for itself, to the instruction. */
  readonly exact: boolean;
  /** Whether functions are scanned again, and then need not look at each instruction. */
  readonly keepsStrides: boolean;
  /** Whether work is counted at all. */
  readonly counts: boolean;
}

export class ModuleScan implements ScanContext {
  readonly prologues = new Map<number, number>();
  readonly #module: Module;
  /** By own function, once it is known. */
  readonly #scans: (FunctionScan | undefined)[];
  readonly #busy: Uint8Array;
  /** Functions that are charged at their own entry: because something refers to them, or somebody already relied on it. */
  readonly #selfCharged: Uint8Array;
  #depth = 0;
  /** By depth. */
  readonly #scanners: FunctionScanner[] = [];
  /** The function being scanned again, with what its calls of itself add. */
  #again: { index: number; charge: number } | undefined;

  readonly maxCopiedBytes: number;
  readonly counts: boolean;
  readonly strides: Strides | undefined;
  readonly countedLoops: CountedLoops | undefined;
  #candidates: Candidates | undefined;
  #tableLeaves: TableLeaves | undefined;

  /** `probed` functions need an entry of their own. */
  constructor(module: Module, probed: readonly number[], { unroll, exact, keepsStrides, counts }: ScanOptions) {
    this.counts = counts;
    this.strides = keepsStrides ? new Strides(module.bytes.length) : undefined;
    this.maxCopiedBytes = unroll ? maxCopiedBytes : 0;
    this.#module = module;
    this.countedLoops = exact ? undefined : new CountedLoops(module);
    const { bodies, importedFunctions, referenced, start } = module;
    this.#scans = new Array<undefined>(bodies.length).fill(undefined);
    this.#busy = new Uint8Array(bodies.length);
    this.#selfCharged = new Uint8Array(bodies.length);
    if (exact) this.#selfCharged.fill(1);
    for (const index of [...referenced, ...probed]) this.#chargeItself(index);
    if (start !== undefined) this.#chargeItself(start);
    bodies.forEach((body, i) => {
      if (body.end - body.start > maxBodyBytes) this.#chargeItself(importedFunctions + i);
    });
    const excluded = [...referenced, ...probed, ...(start === undefined ? [] : [start])];
    if (exact || !counts) return;
    this.#candidates = new Candidates(module, excluded);
    const exported = module.exports.filter(({ kind }) => kind === 'func').map(({ index }) => index);
    this.#tableLeaves = new TableLeaves(
      module,
      new Set([...exported, ...probed, ...(start === undefined ? [] : [start])]),
    );
  }

  /** The scans of all own functions, in order. */
  all(): readonly FunctionScan[] {
    for (const index of this.#tableLeaves?.all() ?? []) this.#tryTableLeaf(index);
    for (let i = 0; i < this.#scans.length; i++) this.#scan(i);
    const scans = this.#scans as readonly FunctionScan[];
    if (this.#candidates === undefined || !scans.some(leavesOtherwise)) return scans;
    for (const index of this.#tableLeaves?.all() ?? []) this.#chargeItself(index);
    this.#candidates = this.#tableLeaves = undefined;
    this.#scans.fill(undefined);
    this.prologues.clear();
    return this.all();
  }

  /** Who carries the budget; `pays` is asked with the number of loops that look at it. To be called when all has been scanned. */
  carriers(pays: (index: number, loops: number) => boolean): Carriers {
    const loopsOf = (index: number): number =>
      this.#scanOf(index)!.loops.filter(({ charge }) => charge !== 'none').length;
    return new Carriers(this.#module, this.#candidates, (index) => !this.isLeaf(index) && pays(index, loopsOf(index)));
  }

  chargeOfIndirectCall(type: number): number {
    return (
      this.#tableLeaves?.chargeOf(type, (index) => (this.isLeaf(index) ? this.#scanOf(index)!.entryWeight : 0)) ?? 0
    );
  }

  #scanOf(index: number): FunctionScan | undefined {
    return this.#scans[index - this.#module.importedFunctions];
  }

  /** It calls nobody, so that whether its callers are charged depends on nothing else. */
  #tryTableLeaf(index: number): void {
    const i = index - this.#module.importedFunctions;
    this.#selfCharged[i] = 0;
    this.#scan(i);
    if (!this.isLeaf(index) || this.#scans[i]!.entryWeight > maxTableLeafWeight) this.#chargeItself(index);
  }

  mayCarry(index: number): boolean {
    return this.#candidates?.has(index) ?? false;
  }

  /** Whether the callers of this function are charged for its entry path. */
  isChargedByCallers(index: number): boolean {
    const i = index - this.#module.importedFunctions;
    return i >= 0 && this.#selfCharged[i] === 0;
  }

  isLeaf(index: number): boolean {
    const scan = this.#scans[index - this.#module.importedFunctions];
    return scan !== undefined && this.isChargedByCallers(index) && leavesBudgetAlone(scan);
  }

  chargeOfCall(callee: number, caller: number): number | undefined {
    if (!this.isChargedByCallers(callee)) return undefined;
    if (callee === caller) return this.#again?.index === caller ? this.#again.charge : 0;
    const i = callee - this.#module.importedFunctions;
    if (this.#scans[i] === undefined) {
      if (this.#busy[i] === 1 || this.#depth === maxDepth) this.#chargeItself(callee);
      else this.#scan(i);
    }
    return this.isChargedByCallers(callee) ? this.#scans[i]!.entryWeight : undefined;
  }

  #chargeItself(index: number): void {
    const i = index - this.#module.importedFunctions;
    if (i >= 0) this.#selfCharged[i] = 1;
  }

  #scan(i: number): void {
    if (this.#scans[i] !== undefined) return;
    const index = this.#module.importedFunctions + i;
    this.#busy[i] = 1;
    this.#depth++;
    let scan = this.#read(index);
    if (scan.entryWeight > maxChargedByCallers || scan.entryCalls.direct.includes(index)) this.#chargeItself(index);
    // Its calls of itself, in loops, were read before it was known what to charge for them.
    if (this.isChargedByCallers(index) && scan.loopCalls.direct.includes(index)) {
      const outer = this.#again;
      this.#again = { index, charge: scan.entryWeight };
      scan = this.#read(index);
      this.#again = outer;
    }
    this.#depth--;
    this.#busy[i] = 0;
    this.#scans[i] = scan;
  }

  #read(index: number): FunctionScan {
    const body = this.#module.bodies[index - this.#module.importedFunctions]!;
    // A call may lead to the callee's scan in the middle of the caller's.
    this.#scanners[this.#depth] ??= new FunctionScanner(this.#module, this);
    try {
      return this.#scanners[this.#depth]!.run(index, body);
    } catch (error) {
      if (!(error instanceof WirqError) || error.place?.function !== undefined) throw error;
      const place = { ...error.place, function: this.#module.functionName(index) };
      throw new WirqError(error.code, error.message, { place, advice: error.advice, cause: error });
    }
  }
}

/** Whether control may leave a function by other ways than its end, or enter one: then nobody carries the budget. */
function leavesOtherwise({ special, entryCalls, loopCalls }: FunctionScan): boolean {
  return special || entryCalls.tails.length > 0 || loopCalls.tails.length > 0;
}

function leavesBudgetAlone({ loops, bulks, entryCalls, special }: FunctionScan): boolean {
  if (bulks.length > 0 || loops.some(({ charge }) => charge !== 'none')) return false;
  return !special && entryCalls.direct.length === 0 && entryCalls.indirect.length === 0;
}
