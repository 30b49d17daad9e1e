/**
 * What each kind of stacks costs, the same programs in one run: code that could be parked and never is, switches between
 * stacks and tasks, memory of what is parked, and making the module ready; beside the least that the engine can do.
 */
import { execFileSync } from 'node:child_process';
import type { BackendName } from '../src/stacks/backend.ts';
import { type BareName, bareSwitches } from './bare-switches.ts';
import { collector } from './engine.ts';
import { kernelBytes, kernels } from './kernels.ts';
import { newWat } from './new-wat.ts';
import { sibling } from './root.ts';
import {
  kindsHere,
  PROGRAMS,
  type Prepared,
  Stacked,
  type SwitchProgram,
  switchProgramBytes,
} from './stack-programs.ts';
import { cleanEnvironment } from './start-up.ts';
import { interleaveLater, median, ratios } from './statistics.ts';
import { stopwatch } from './stopwatch.ts';

/** Kernels of different character: what they never do is switch. */
const KERNELS = ['crc32', 'dispatch', 'interpreter', 'json', 'matrix-float', 'queens', 'recursion', 'sort'];
const BARE: readonly BareName[] = ['pair', 'driven', 'yield', 'hand-over'];
const DEPTHS = [1, 10, 100] as const;
const LEAST: Partial<Readonly<Record<BackendName, BareName>>> = { wasmfx: 'pair', jspi: 'yield' };
/** What a machine takes to start and to end is all that it takes. */
const IDLE = '(module (memory (export "memory") 1) (func (export "run") (param i32) (result i32) (local.get 0)))';
const BARE_ROUNDS = 200_000;
const PARKED = 10_000;
/** Rounds in which V8's tiers settle. */
const WARM_UP = 2;

export type ByKind<T> = Partial<Readonly<Record<BackendName, T>>>;

export interface KernelOnStacks {
  readonly kernel: string;
  /** Against the unmodified module; without what a machine takes to start and to end. */
  readonly ratio: ByKind<number>;
  readonly size: ByKind<number>;
  readonly prepareMs: ByKind<number>;
  /** A machine whose guest does nothing, from when its module is compiled. */
  readonly idleMs: ByKind<number>;
}

export interface SwitchesOnStacks {
  readonly program: SwitchProgram;
  /** One switch, where there is something to divide by; else the whole run. */
  readonly ns: ByKind<number>;
  /** Of a switch of stacks, to the least that the kind of stacks allows (`LEAST`) at the same depth, in the same round. */
  readonly toLeast: ByKind<number>;
}

export interface StacksResult {
  readonly kernels: readonly KernelOnStacks[];
  readonly switches: readonly SwitchesOnStacks[];
  /** A round trip between two stacks by hand, by depth. */
  readonly bareNs: Partial<Readonly<Record<BareName, Readonly<Record<number, number>>>>>;
  readonly parkedBytes: ByKind<number>;
  readonly programSize: ByKind<number>;
  readonly programPrepareMs: ByKind<number>;
}

export async function measureStacks(
  root: string,
  rounds: number,
  filter: string,
  progress: (text: string) => void,
): Promise<StacksResult> {
  const kinds = kindsHere();
  const onKernels: KernelOnStacks[] = [];
  for (const name of KERNELS.filter((each) => each.includes(filter))) {
    progress(`stacks: ${name}`);
    onKernels.push(await measureKernel(root, name, kinds, rounds));
  }
  const parking = kinds.filter((kind) => kind !== 'nested');
  progress('stacks: switches');
  const { switches, bareNs } = await measureSwitches(root, parking, rounds);
  progress('stacks: parked');
  const bytes = switchProgramBytes(root);
  const prepared = await prepareOn(bytes, 'generator', parking, 3);
  return {
    kernels: onKernels,
    switches,
    bareNs,
    parkedBytes: byKind(parking, parkedBytes),
    programSize: byKind(parking, (kind) => prepared[kind]!.codeBytes / bytes.length),
    programPrepareMs: byKind(parking, (kind) => prepared[kind]!.ms),
  };
}

function byKind<T>(kinds: readonly BackendName[], of: (kind: BackendName) => T): ByKind<T> {
  return Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as ByKind<T>;
}

async function measureKernel(
  root: string,
  name: string,
  kinds: readonly BackendName[],
  rounds: number,
): Promise<KernelOnStacks> {
  const { n, checksum, ...kernel } = kernels.find((each) => each.name === name)!;
  const bytes = kernelBytes(root, { n, checksum, ...kernel });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  const original = (): number => {
    const start = stopwatch();
    const returned = (exports.run as (n: number) => number)(n);
    const ms = stopwatch() - start;
    if (returned !== checksum) throw new Error(`${name}: ${returned} instead of ${checksum}`);
    return ms;
  };
  const idle = await newWat(IDLE);
  const subjects = await Promise.all(kinds.map((kind) => Stacked.make(bytes, kind)));
  const idling = await Promise.all(kinds.map((kind) => Stacked.make(idle, kind)));
  const all = [
    original,
    ...subjects.map((subject) => () => subject.run('run', [n], checksum)),
    ...idling.map((subject) => () => subject.run('run', [1], 1)),
  ];
  const times = (await interleaveLater(all, rounds + WARM_UP)).map((series) => series.slice(WARM_UP));
  const ofKernel = (kind: BackendName) => times[kinds.indexOf(kind) + 1]!;
  const ofIdle = (kind: BackendName) => times[kinds.length + kinds.indexOf(kind) + 1]!;
  const prepared = await prepareOn(bytes, 'run', kinds, 3);
  return {
    kernel: name,
    ratio: byKind(kinds, (kind) => median(ratios(differences(ofKernel(kind), ofIdle(kind)), times[0]!))),
    size: byKind(kinds, (kind) => prepared[kind]!.codeBytes / bytes.length),
    prepareMs: byKind(kinds, (kind) => prepared[kind]!.ms),
    idleMs: byKind(kinds, (kind) => median(ofIdle(kind))),
  };
}

function differences(times: readonly number[], others: readonly number[]): number[] {
  return times.map((time, round) => time - others[round]!);
}

/** The median of some preparations, in turns. */
async function prepareOn(
  bytes: Uint8Array<ArrayBuffer>,
  invoke: string,
  kinds: readonly BackendName[],
  rounds: number,
): Promise<ByKind<Prepared>> {
  const all = new Map(kinds.map((kind) => [kind, [] as Prepared[]]));
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) all.get(kind)!.push(await (await Stacked.make(bytes, kind)).prepare(invoke));
  }
  return byKind(kinds, (kind) => ({
    ms: median(all.get(kind)!.map(({ ms }) => ms)),
    codeBytes: all.get(kind)![0]!.codeBytes,
  }));
}

async function measureSwitches(
  root: string,
  kinds: readonly BackendName[],
  rounds: number,
): Promise<Pick<StacksResult, 'switches' | 'bareNs'>> {
  const bytes = switchProgramBytes(root);
  const on = new Map<BackendName, Stacked>();
  for (const kind of kinds) on.set(kind, await Stacked.make(bytes, kind));
  const collect = collector();
  const subjects: { key: string; run: () => number | Promise<number>; count: number }[] = [];
  for (const program of PROGRAMS) {
    for (const kind of kinds) {
      const { invoke, args, checksum, many } = program;
      const run = async () => {
        const ms = await on.get(kind)!.run(invoke, args, checksum);
        if (many === true) {
          collect();
          await on.get(kind)!.run('sieve', [60], 281); // what is begun next finds V8 tidying up
        }
        return ms;
      };
      subjects.push({ key: `${program.name} ${kind}`, run, count: program.switches ?? 1 });
    }
  }
  // What a machine takes to start and to end has nothing to do with switches.
  for (const kind of kinds) {
    subjects.push({ key: `nothing ${kind}`, run: () => on.get(kind)!.run('generator', [0], 0), count: 1 });
  }
  for (const name of BARE) {
    for (const depth of DEPTHS) {
      const run = await bareSwitches(name, depth);
      if (run !== undefined)
        subjects.push({ key: `${name} ${depth}`, run: () => run(BARE_ROUNDS), count: BARE_ROUNDS });
    }
  }
  const times = await interleaveLater(
    subjects.map(({ run }) => run),
    rounds + WARM_UP,
  );
  const series = new Map(subjects.map(({ key, count }, k) => [key, times[k]!.slice(WARM_UP).map((ms) => ms / count)]));
  const ofSwitch = ({ name, switches }: SwitchProgram, kind: BackendName): number[] => {
    const measured = series.get(`${name} ${kind}`)!;
    const idle = series.get(`nothing ${kind}`)!;
    return switches === undefined ? measured : measured.map((ms, round) => ms - idle[round]! / switches);
  };
  const toLeast = (program: SwitchProgram): ByKind<number> => {
    const compared = kinds.filter((kind) => program.by === 'stack' && series.has(`${LEAST[kind]} 1`));
    return byKind(compared, (kind) =>
      median(ratios(ofSwitch(program, kind), series.get(`${LEAST[kind]} ${depthOf(program)}`)!)),
    );
  };
  const ns = (ms: readonly number[]) => median(ms) * 1e6;
  const bare = BARE.filter((name) => series.has(`${name} 1`));
  return {
    switches: PROGRAMS.map((program) => ({
      program,
      ns: byKind(kinds, (kind) => ns(ofSwitch(program, kind))),
      toLeast: toLeast(program),
    })),
    bareNs: Object.fromEntries(
      bare.map((name) => [
        name,
        Object.fromEntries(DEPTHS.map((depth) => [depth, ns(series.get(`${name} ${depth}`)!)])),
      ]),
    ),
  };
}

/** How deep the stack is that it switches from. */
function depthOf({ invoke, args }: SwitchProgram): number {
  return invoke === 'deep' ? args[0]! : 1;
}

function parkedBytes(kind: BackendName): number {
  const args = ['--expose-gc', sibling('parked-child'), kind, String(PARKED)];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() })) / PARKED;
}
