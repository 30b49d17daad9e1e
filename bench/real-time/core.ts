/**
 * The thread that the benchmarks of real time interrupt: does one job after the other, as its workerData says, on machines
 * that are linked to the board as those of the command line are (src/host/core-link.ts).
 */
import { readFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { CoreLink, type CoreLinkOptions } from '../../src/host/core-link.ts';
import { createHooks } from '../../src/machine/hooks.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { interleave, median } from '../statistics.ts';
import { chooseClock, stopwatch } from '../stopwatch.ts';
import { type BenchData, ENTERED, type Job } from './job.ts';

const { preempt, job, link } = workerData as BenchData & {
  readonly link: Pick<CoreLinkOptions, 'port' | 'bell' | 'lines' | 'origin'>;
};
const core = new CoreLink({ ...link, ratio: 1, native: preempt === 'native', forwards: false, controlled: true });
const options: MachineOptions = { preempt, realTime: core.realTime, handlerTimeout: 'none' };

function now(): number {
  return Number(process.hrtime.bigint());
}

/** The kernel, unmodified and called as it is, next to the same in a machine. */
async function overhead(given: Job & { readonly kind: 'overhead' }): Promise<void> {
  await chooseClock('cpu');
  const bytes = new Uint8Array(readFileSync(given.file));
  const results = new Float64Array(given.results);
  const module = new WebAssembly.Module(bytes);
  let compiled: WebAssembly.Module | undefined;
  const inMachine = (n: number, checksum: number | undefined) => () => {
    const machine = Machine.load(bytes, {
      ...options,
      invoke: 'run',
      args: [String(n)],
      compile: (prepared) => {
        compiled ??= new WebAssembly.Module(prepared);
        return compiled;
      },
    });
    let start = 0;
    let end = 0;
    machine.onEvent(({ kind }) => {
      if (kind === 'call') start = stopwatch();
      if (kind === 'end') end = stopwatch();
    });
    const { returned } = machine.run();
    if (checksum !== undefined) check(Number(returned[0]), checksum);
    return end - start;
  };
  // Memory that nobody has touched yet, as the machine has it: else only one side would pay for that.
  const alone = (n: number, checksum: number | undefined) => () => {
    const plain = new WebAssembly.Instance(module, {}).exports.run as (n: number) => number;
    const start = stopwatch();
    const found = plain(n);
    if (checksum !== undefined) check(found, checksum);
    return stopwatch() - start;
  };
  core.open(() => {}, false);
  const { n, checksum, rounds } = given;
  const subjects = [alone(n, checksum), inMachine(n, checksum)];
  for (let pass = 0; pass < 3; pass++) {
    interleave(subjects, 1);
    await new Promise((resolve) => setTimeout(resolve, 60)); // V8's tiers settle in the background
  }
  // Beginning and ending a run, which a machine does besides, is not what is asked for.
  const [nothing, begun] = interleave([alone(0, undefined), inMachine(0, undefined)], 9).map(median);
  const [base, native] = interleave(subjects, rounds);
  results.set(base!);
  results.set(
    native!.map((ms) => ms - (begun! - nothing!)),
    rounds,
  );
}

function check(found: number, expected: number): void {
  if (found !== expected) throw new Error(`the checksum is ${found}, must be ${expected}`);
}

/** A loop without calls; its handlers tell when they are entered. The board raises one line after the other. */
function latency(given: Job & { readonly kind: 'latency' | 'flag' }): void {
  const counts = new Int32Array(given.counts);
  const times = new Float64Array(given.times);
  const room = times.length / 3;
  const machine = Machine.load(given.firmware, {
    ...options,
    imports: {
      bench: {
        entered: {
          signature: '>',
          call: () => tell(counts, times),
        },
      },
    },
  });
  let taken = 0;
  core.open((message) => {
    if (message.kind === 'input-end') machine.console.end();
  }, false);
  core.onPend = (line) => {
    if (taken < room) times[3 * taken + 1] = now();
    taken++;
    machine.raise(line);
  };
  core.onLeft = (finish) => {
    finish();
    core.end(0);
  };
  machine.run();
}

/**
 * What would be the other doorbell for safepoints: they look at a flag and count nothing, and a native interrupt sets it. As
 * little as can be around it, so that a machine could only be slower.
 */
function flag(given: Job & { readonly kind: 'latency' | 'flag' }): void {
  const counts = new Int32Array(given.counts);
  const times = new Float64Array(given.times);
  const rewritten = instrument(given.firmware, { counting: 'none' });
  const outside = core.realTime.outside!;
  const stop = new Error('stop');
  const hooks = createHooks({
    safepoint: () => {
      outside.take();
      return 0;
    },
    probe: () => {},
    wait: () => 0,
  });
  const module = new WebAssembly.Module(rewritten.bytes);
  const instance = new WebAssembly.Instance(module, { bench: { entered: () => tell(counts, times) } });
  const { hookNames } = rewritten;
  const exported = instance.exports as Record<string, (...args: number[]) => number>;
  const setBudget = exported[hookNames.setBudget]!;
  (instance.exports[hookNames.hooks] as WebAssembly.Table).set(0, hooks.safepoint);
  const handler = exported.IRQ0_Handler!;
  let taken = 0;
  core.open((message) => {
    if (message.kind === 'input-end') throw stop;
  }, false);
  core.onPend = () => {
    times[3 * taken++ + 1] = now();
    setBudget(0);
    handler();
  };
  core.realTime.native!.connect(() => setBudget(-1));
  setBudget(0);
  try {
    exported.main!();
  } catch (error) {
    if (error !== stop) throw error;
  }
}

function tell(counts: Int32Array, times: Float64Array): void {
  const at = Atomics.load(counts, ENTERED);
  if (3 * at < times.length) times[3 * at + 2] = now();
  Atomics.add(counts, ENTERED, 1);
}

/** Runs a kernel again and again until so many interrupts have come; each result must be the right one. */
function storm(given: Job & { readonly kind: 'storm' }): void {
  const results = new Float64Array(given.results);
  let compiled: WebAssembly.Module | undefined;
  let machine: Machine | undefined;
  core.open(() => {}, false);
  core.onPend = (line) => machine?.raise(line);
  while (results[0]! < given.interrupts) {
    machine = Machine.load(given.firmware, {
      ...options,
      invoke: 'run',
      args: [String(given.n)],
      compile: (prepared) => (compiled ??= new WebAssembly.Module(prepared)),
    });
    const result = machine.run();
    check(Number(result.returned[0]), given.checksum);
    const line = result.lines.find((each) => each.line === 1);
    results[0]! += line?.delivered ?? 0;
    results[1]! += line?.raised ?? 0;
    results[2]! += (line?.coalesced ?? 0) + (line?.pending ? 1 : 0);
    results[3] = Math.max(results[3]!, result.handlerStack?.highWaterMark ?? 0);
    results[4]!++;
  }
}

/** Runs a firmware with a mailbox to its end, and tells what became of everything that was raised. */
function posts(given: Job & { readonly kind: 'posts' }): void {
  const machine = Machine.load(given.firmware, options);
  core.onPend = (line) => machine.raise(line);
  core.open(() => {}, false);
  const { lines, mailbox } = machine.run();
  const word = (name: string) => new DataView(machine.readMemory(machine.addressOf(name), 4).buffer).getUint32(0, true);
  const sum = (of: 'raised' | 'delivered' | 'coalesced') => lines.reduce((total, line) => total + line[of], 0);
  new Float64Array(given.results).set([
    ...[word('bits'), word('entries'), mailbox?.posted ?? 0, mailbox?.overruns ?? 0],
    ...[sum('raised'), sum('delivered'), sum('coalesced')],
  ]);
}

try {
  if (job.kind === 'posts') posts(job);
  else if (job.kind === 'overhead') await overhead(job);
  else if (job.kind === 'storm') storm(job);
  else if (job.kind === 'flag') flag(job);
  else latency(job);
  core.end(0);
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  core.end(1);
}
