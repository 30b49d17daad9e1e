/**
 * Makes a module interruptible: puts safepoints into its code and appends what a host needs to drive them, and changes nothing
 * else. Every original byte is copied as it stands, but for the counts and sizes of sections and bodies that gain something, the
 * start section, which becomes an export, branches that lead out of what was put around them or charge when they are taken, bounds
 * of loops whose rounds are made in strips, and types and returns of functions that carry the budget. Leaves to the engine what
 * validation does beyond structure.
 */
import { WirqError } from '../errors.ts';
import * as limits from '../wasm/limits.ts';
import { type Module, parseModule, type Section, sectionIds, sectionOrder } from '../wasm/module.ts';
import { Reader } from '../wasm/reader.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import { branchHintSection } from './branch-hints.ts';
import { BudgetHomes } from './budget-homes.ts';
import { CallGraph } from './call-graph.ts';
import type { Carriers } from './carriers.ts';
import { CodeWriter } from './code-writer.ts';
import { ExactScans } from './exact-scans.ts';
import { type Addition, Additions, type HookNames } from './layout.ts';
import { ModuleScan } from './module-scan.ts';
import { OffsetMap } from './offsets.ts';
import type { FunctionScan } from './scan-types.ts';
import { findStackPointer, type StackPointer } from './stack-pointer.ts';

export type { HookNames } from './layout.ts';

/** Where a guest can be interrupted: at loops and recursion, at every block, at every access, at every instruction. */
export type Granularity = 'loop' | 'block' | 'access' | 'instruction';

export interface InstrumentOptions {
  /** Default `loop`. */
  readonly granularity?: Granularity;
  /** Indices of functions whose every entry calls the probe hook with that index. */
  readonly probes?: readonly number[];
  /** Functions, by name, in which safepoints are reported as masked: they can stop the guest, but run no handler. */
  readonly maskFunction?: (name: string) => boolean;
  /**
   * With `none` nothing is counted: safepoints only look whether the budget is below zero, which is for the host to make it when
   * it wants attention. Where that reaches the guest is then not repeatable. For `loop` only. Default `instructions`.
   */
  readonly counting?: 'instructions' | 'none';
  /** Write small innermost loops several times, with one check for all copies: faster, and larger. Default true. */
  readonly unroll?: boolean;
}

export interface Instrumented {
  /** A view of the beginning of a larger buffer: `slice()` it before handing the buffer itself to anybody. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The original, parsed. */
  readonly module: Module;
  readonly hookNames: HookNames;
  readonly offsets: OffsetMap;
  readonly stackPointer: StackPointer | undefined;
  readonly report: {
    readonly safepoints: number;
    /** The most counted instructions that are charged from one safepoint to the next, lengths of bulk instructions left out. */
    readonly longestStretch: number;
    readonly maskedFunctions: readonly string[];
  };
}

/**
 * How many bytes there will be, at most, as a rule, for each of the module: of the rewritten one, of its hints, of the map of offsets.
 * Memory that is set aside for them, and not touched, costs nothing; what has to grow is there twice for a while.
 */
const growth: Record<Granularity, Room> = {
  loop: { rewritten: 1.5, hints: 1 / 32, map: 1 / 32 },
  block: { rewritten: 3, hints: 1 / 16, map: 1 / 3 },
  access: { rewritten: 4, hints: 1 / 4, map: 1 / 2 },
  instruction: { rewritten: 12, hints: 1, map: 2 },
};
/** Whatever a module has: engines do not set aside more at once. */
const maxRoom = 2 ** 31;

interface Room {
  readonly rewritten: number;
  readonly hints: number;
  readonly map: number;
}

function roomFor(moduleBytes: number, granularity: Granularity): Room {
  const { rewritten, hints, map } = growth[granularity];
  const room = (share: number): number => Math.min(maxRoom, Math.ceil(moduleBytes * share));
  return { rewritten: room(rewritten) + 65_536, hints: room(hints) + 256, map: room(map) + 256 };
}

/** A function of so many loops gains more by carrying the budget than it takes room. */
const manyLoops = 3;
/** V8 writes longer functions into no others (its flag `--wasm-inlining-max-size`). */
const maxInlinedBytes = 500;
/** Budgets are 32-bit: a stretch has to stay far from wrapping around below zero. */
const maxCountedStretch = 2 ** 30;

/**
 * Rewrites a module so that it counts its work down from a budget and calls out when that is used up.
 *
 * The host fills the exported `hooks` table (slot 0: `(budget, masked) → budget`), sets the budget, calls the `start` export if
 * there is one. The hook may call exported functions of the guest, and may throw to end the run. Budgets are at most `maxBudget`
 * (layout.ts). At `loop` granularity what is counted is an upper bound, see function-scan.ts; else it is exact, see exact-scan.ts.
 *
 * @throws WirqError `bad-module`, `unsupported` or `limit`, with function and offset in the user's file.
 * @example
 * const { bytes, hookNames } = instrument(await readFile('firmware.wasm'));
 */
export function instrument(bytes: Uint8Array, options: InstrumentOptions = {}): Instrumented {
  const { granularity, counts } = checkedChoices(options);
  const exact = granularity === 'loop' ? undefined : granularity;
  const module = parseModule(bytes);
  const probes = checkedProbes(module, options.probes ?? []);
  const scan = new ModuleScan(module, probes, {
    unroll: options.unroll ?? true,
    exact: exact !== undefined,
    keepsStrides: exact === 'block',
    counts,
  });
  const scans = scan.all();
  const graph = new CallGraph(module, scans, {
    isChargedByCallers: (index) => scan.isChargedByCallers(index),
    exact: exact !== undefined,
  });
  const { checked, cyclic, longestStretch } = graph.entryChecks(probes);
  if (longestStretch > maxCountedStretch) {
    throw new WirqError('limit', `${longestStretch} instructions between two safepoints, over ${maxCountedStretch}`);
  }
  const stackPointer = findStackPointer(module, scan.prologues);
  // Where room is short, carriers are functions that would else be slowest, and loops leave the budget where it is.
  const compact = exact === undefined && options.unroll === false;
  const homes = exact === 'block' ? new BudgetHomes(module, scans, probes) : undefined;
  const carriers =
    homes?.carriers ?? scan.carriers((index, loops) => !compact || cyclic[index] === 1 || loops >= manyLoops);
  const masked = scans.map(
    (_, i) => options.maskFunction?.(module.functionName(module.importedFunctions + i)) ?? false,
  );
  const additions = new Additions(module, stackPointer, carriers, {
    locals: counts && (!compact || carriers.types.length > 0),
    masks: masked.includes(true),
  });
  const exactScans =
    exact &&
    new ExactScans(module, scans, { granularity: exact, cyclic, checked, probes, homes, strides: scan.strides });
  const probed = new Set(probes);
  const maskedFunctions: string[] = [];
  let safepoints = 0;
  const isLeaf = (callee: number): boolean => scan.isLeaf(callee);
  const writeBodies = (code: CodeWriter): void => {
    scans.forEach((functionScan, i) => {
      const index = module.importedFunctions + i;
      if (masked[i] === true) maskedFunctions.push(module.functionName(index));
      const { start, end } = module.bodies[i]!;
      const short = end - start <= maxInlinedBytes;
      const entryCharge = !counts || scan.isChargedByCallers(index) ? 0 : functionScan.entryWeight;
      code.add(index, {
        // A length takes no time where none is counted.
        scan: counts ? functionScan : { ...functionScan, bulks: [] },
        counts,
        entryCharge,
        checked: checked[index] === 1,
        peeled: exact === undefined && (counts || !short),
        short,
        compact,
        secluded: counts && !compact && (exact === undefined || exact === 'block'),
        // In `access` and `instruction` safepoints stand inside the copies, where the count would lag.
        copied: cyclic[index] === 0 && (exact === undefined || exact === 'block'),
        probed: probed.has(index),
        masked: masked[i] === true,
        carriers,
        isLeaf,
        carries: carriers.has(index),
        callsCarriers: exact === undefined && callsAny(functionScan, carriers),
        holds: homes?.isLocal(i) ?? false,
        exact: exactScans?.take(i),
      });
    });
    safepoints = code.safepoints;
  };
  const assembled = new Assembler(module, additions, writeBodies, roomFor(bytes.length, granularity)).run();
  return {
    bytes: assembled.bytes,
    module,
    hookNames: additions.layout.names,
    offsets: assembled.offsets,
    stackPointer,
    report: { safepoints, longestStretch, maskedFunctions },
  };
}

function checkedChoices({ granularity = 'loop', counting = 'instructions' }: InstrumentOptions): {
  readonly granularity: Granularity;
  readonly counts: boolean;
} {
  if (!Object.hasOwn(growth, granularity)) {
    const advice = `it is one of ${Object.keys(growth).join(', ')}`;
    throw new WirqError('bad-argument', `"${granularity}" is not a granularity`, { advice });
  }
  if (counting !== 'instructions' && counting !== 'none') {
    throw new WirqError('bad-argument', `"${counting}" cannot be counted`, { advice: 'it is instructions or none' });
  }
  const counts = counting === 'instructions';
  if (!counts && granularity !== 'loop') {
    const advice = 'count instructions, or choose granularity loop';
    throw new WirqError('bad-argument', `granularity ${granularity} counts exactly, and counting is off`, { advice });
  }
  return { granularity, counts };
}

function callsAny({ entryCalls, loopCalls }: FunctionScan, carriers: Carriers): boolean {
  if (carriers.types.length === 0) return false;
  return [entryCalls, loopCalls].some(({ direct }) => direct.some((callee) => carriers.has(callee)));
}

function checkedProbes(module: Module, probes: readonly number[]): readonly number[] {
  for (const index of probes) {
    if (index >= module.importedFunctions && index < module.functions.length) continue;
    throw new WirqError('bad-argument', `function ${index} cannot be probed: the module has no body for it`);
  }
  return probes;
}

/** What an engine takes of entries in sections that gain some. */
const mostEntries = new Map<number, readonly [what: string, most: number]>([
  [sectionIds.type, ['types', limits.maxTypes]],
  [sectionIds.function, ['functions', limits.maxFunctions]],
  [sectionIds.table, ['tables', limits.maxTables]],
  [sectionIds.global, ['globals', limits.maxGlobals]],
  [sectionIds.export, ['exports', limits.maxExports]],
]);

function checkCount(id: number, count: number): void {
  const [what, most] = mostEntries.get(id) ?? ['', count];
  if (count <= most) return;
  const advice = 'safepoints need a few more than the module has: leave some out';
  throw new WirqError('limit', `${count} ${what} with what safepoints need, over ${most}`, { advice });
}

/** Puts the sections together: copied, enlarged, or made where the module had none. */
class Assembler {
  readonly #module: Module;
  readonly #additions: Additions;
  readonly #writeBodies: (code: CodeWriter) => void;
  readonly #out: Writer;
  readonly #offsets: OffsetMap;
  readonly #hintBytes: number;

  constructor(module: Module, additions: Additions, writeBodies: (code: CodeWriter) => void, room: Room) {
    this.#module = module;
    this.#additions = additions;
    this.#writeBodies = writeBodies;
    this.#out = new Writer(room.rewritten);
    this.#offsets = new OffsetMap(room.map);
    this.#hintBytes = room.hints;
  }

  run(): { bytes: Uint8Array<ArrayBuffer>; offsets: OffsetMap } {
    this.#copy(0, 8);
    let done = 0;
    for (const section of this.#module.sections) {
      if (section.id === sectionIds.custom) {
        if (section.name !== branchHintSection) this.#copy(section.start, section.end);
        continue;
      }
      const place = sectionOrder.indexOf(section.id);
      for (; done < place; done++) this.#missing(sectionOrder[done]!);
      this.#section(section);
      done = place + 1;
    }
    for (; done < sectionOrder.length; done++) this.#missing(sectionOrder[done]!);
    return { bytes: this.#out.view(), offsets: this.#offsets };
  }

  #copy(start: number, end: number): void {
    this.#offsets.add(start, this.#out.length, end - start);
    this.#out.copy(this.#module.bytes, start, end);
  }

  #section(section: Section): void {
    if (section.id === sectionIds.start) return;
    if (section.id === sectionIds.code) {
      this.#codeSection();
      return;
    }
    const addition = this.#additions.forSection(section.id);
    if (addition === undefined) {
      this.#copy(section.start, section.end);
      return;
    }
    this.#enlarge(section, addition);
  }

  #missing(id: number): void {
    if (id === sectionIds.code) {
      this.#codeSection();
      return;
    }
    const addition = this.#additions.forSection(id);
    if (addition === undefined) return;
    this.#out.u8(id).u32(u32Size(addition.count) + addition.bytes.length);
    this.#out.u32(addition.count).bytes(addition.bytes);
  }

  #enlarge(section: Section, addition: Addition): void {
    const reader = new Reader(this.#module.bytes, section.body, section.end);
    const oldCount = reader.u32();
    const count = oldCount + addition.count;
    checkCount(section.id, count);
    const entries = reader.offset;
    const retyped = section.id === sectionIds.function ? this.#retyped(reader, oldCount) : [];
    const growth = retyped.reduce((sum, { start, end, type }) => sum + u32Size(type) - (end - start), 0);
    this.#out.u8(section.id).u32(u32Size(count) + (section.end - entries) + growth + addition.bytes.length);
    this.#out.u32(count);
    let from = entries;
    for (const { start, end, type } of retyped) {
      this.#copy(from, start);
      this.#out.u32(type);
      from = end;
    }
    this.#copy(from, section.end);
    this.#out.bytes(addition.bytes);
  }

  /** Entries of the function section that get another type: those of functions that carry the budget. */
  #retyped(reader: Reader, count: number): { start: number; end: number; type: number }[] {
    const found: { start: number; end: number; type: number }[] = [];
    for (let i = 0; i < count; i++) {
      const start = reader.offset;
      reader.u32();
      const type = this.#additions.carryingType(this.#module.importedFunctions + i);
      if (type !== undefined) found.push({ start, end: reader.offset, type });
    }
    return found;
  }

  #codeSection(): void {
    const output = { out: this.#out, offsets: this.#offsets, hintBytes: this.#hintBytes };
    const code = new CodeWriter(this.#module, this.#additions, output);
    this.#writeBodies(code);
    code.end();
  }
}
