/**
 * What recording costs: kernels run by the machine in virtual time and in real time, with a line raised at 1 kHz, and guests that
 * do nothing but what has to be recorded, each against the same run that is not recorded. The recording is made as for a file, but
 * written nowhere: on the command line in real time, another thread compresses and writes it.
 */
import wabtFactory from 'wabt';
import { duration } from '../src/clock/instant.ts';
import { wallTime } from '../src/host/wall-clock.ts';
import { Machine } from '../src/machine/machine.ts';
import type { MachineOptions } from '../src/machine/options.ts';
import { Recorder } from '../src/trace/recorder.ts';
import { kernelBytes, kernels } from './kernels.ts';
import { geometricMean, interleave, median, ratios } from './statistics.ts';
import { stopwatch } from './stopwatch.ts';
import { markdownTable, ratioCell } from './table.ts';

const KERNELS = ['crc32', 'dispatch', 'interpreter', 'json', 'matrix-float', 'queens', 'sort', 'stride'] as const;

/** Asks for the time, or rolls dice that the host throws, again and again: every answer is recorded. */
const CHATTY = (imported: string, call: string) => `(module ${imported}
  (memory (export "memory") 1)
  (func (export "IRQ0_Handler"))
  (func (export "run") (param $n i32) (result i32)
    (loop $l ${call} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 0)))`;

export interface RecordingResult {
  readonly run: string;
  readonly clock: 'virtual' | 'real';
  readonly plainMs: number;
  /** Recorded / not recorded. */
  readonly ratio: number;
  /** Bytes of the tape for each millisecond of the run, before they are compressed. */
  readonly bytesPerMs: number;
}

interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly n: number;
  readonly checksum: number;
  readonly imports?: MachineOptions['imports'];
}

export async function measureRecording(
  root: string,
  rounds: number,
  filter: string,
  progress: (text: string) => void,
): Promise<RecordingResult[]> {
  const wanted = [...kernelSubjects(root), ...(await chattySubjects())].filter(({ name }) => name.includes(filter));
  return wanted.flatMap((subject) =>
    (['virtual', 'real'] as const).map((clock) => {
      progress(`recording: ${subject.name}, ${clock} time`);
      return measureOne(subject, clock, rounds);
    }),
  );
}

function kernelSubjects(root: string): Subject[] {
  return KERNELS.map((name) => {
    const kernel = kernels.find((each) => each.name === name)!;
    return { name, bytes: kernelBytes(root, kernel), n: kernel.n, checksum: kernel.checksum };
  });
}

async function chattySubjects(): Promise<Subject[]> {
  const wabt = await wabtFactory();
  const build = (text: string) => new Uint8Array(wabt.parseWat('bench.wat', text).toBinary({}).buffer);
  const now = CHATTY('(import "wirq/board" "now" (func $now (result i64)))', '(drop (call $now))');
  const roll = CHATTY(
    '(import "host" "roll" (func $roll (param i32) (result i32)))',
    '(drop (call $roll (i32.const 6)))',
  );
  return [
    { name: 'nothing but asking the time', bytes: build(now), n: 100_000, checksum: 0 },
    {
      name: 'nothing but calling a host function',
      bytes: build(roll),
      n: 100_000,
      checksum: 0,
      imports: { host: { roll: (most: number) => most - 1 } },
    },
  ];
}

function measureOne(subject: Subject, clock: RecordingResult['clock'], rounds: number): RecordingResult {
  // All runs share one compiled module, so that V8's tiers settle.
  let module: WebAssembly.Module | undefined;
  let bytes = 0;
  let taped = 0;
  const run = (recorded: boolean) => {
    const sink = {
      part: (_kind: string, content: Uint8Array) => (bytes += content.length),
      nowMs: () => performance.now(),
    };
    let start = 0;
    const options: MachineOptions = {
      invoke: 'run',
      args: [String(subject.n)],
      imports: subject.imports,
      realTime: clock === 'real' ? wallTime() : undefined,
      compile: (code) => {
        module ??= new WebAssembly.Module(code);
        bytes = 0;
        start = stopwatch();
        return module;
      },
    };
    const recorder = recorded ? new Recorder(sink) : undefined;
    const context = { wirq: '', engine: '', scenario: undefined };
    const machine = recorder?.load(subject.bytes, options, context) ?? Machine.load(subject.bytes, options);
    machine.raise(0, { kind: 'every', period: duration(1_000_000) });
    const result = machine.run();
    recorder?.close();
    const ms = stopwatch() - start;
    if (recorded) taped = bytes;
    if (Number(result.returned[0]) !== subject.checksum) throw new Error(`${subject.name}: a wrong checksum`);
    return ms;
  };
  const both = [() => run(false), () => run(true)];
  interleave(both, 3);
  const [plain, recorded] = interleave(both, rounds);
  return {
    run: subject.name,
    clock,
    plainMs: median(plain!),
    ratio: median(ratios(recorded!, plain!)),
    bytesPerMs: taped / median(recorded!),
  };
}

export function recordingTable(results: readonly RecordingResult[]): string {
  const rows = results.map(({ run, clock, plainMs, ratio, bytesPerMs }) => {
    return [run, clock, plainMs.toFixed(1), ratioCell(ratio), bytesPerMs.toFixed(0)];
  });
  const kernelsOnly = results.filter(({ run }) => (KERNELS as readonly string[]).includes(run));
  const means = (['virtual', 'real'] as const).flatMap((clock) => {
    const own = kernelsOnly.filter((each) => each.clock === clock);
    return own.length === 0
      ? []
      : [['geometric mean of the kernels', clock, '', ratioCell(geometricMean(own.map(({ ratio }) => ratio))), '']];
  });
  return markdownTable(
    [
      { title: 'run', align: 'left' },
      { title: 'time', align: 'left' },
      { title: 'not recorded, ms', align: 'right' },
      { title: 'recorded', align: 'right' },
      { title: 'bytes a ms', align: 'right' },
    ],
    [...rows, ...means],
  );
}
