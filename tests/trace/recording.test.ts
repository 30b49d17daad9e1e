/** Recordings that are not whole, not right, or not meant well; and replays that stop early. */
import { crc32 } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import type { RealTime } from '../../src/clock/real-time.ts';
import { WirqError } from '../../src/errors.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { recordMachine } from '../../src/trace/record-machine.ts';
import { readRecording } from '../../src/trace/recording.ts';
import { bytesOf, contentOf, findChunks, RecordingEncoder } from '../../src/trace/recording-file.ts';
import { ByteReader, ByteWriter, MAX_ELEMENTS } from '../../src/trace/values.ts';
import { wat } from '../support/wat.ts';
import { record, replay, together } from './recorded.ts';

/** Time passes by a microsecond whenever somebody looks, and as it is slept. */
function steadyTime(): RealTime {
  let now = 0;
  return {
    nowNs: () => {
      now += 1000;
      return now;
    },
    rest: (ns) => {
      now += ns ?? 0;
    },
  };
}

/** Says a dot for each interrupt, until there were eight. */
const DOTS = wat(`(module
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (import "host" "roll" (func $roll (result i32)))
  (memory (export "memory") 1) (data (i32.const 64) ".")
  (func (export "IRQ3_Handler")
    (drop (call $roll))
    (drop (call $write (i32.const 0) (i32.const 64) (i32.const 1)))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const 8))))
    (i32.load (i32.const 0))))`);

const OPTIONS = { imports: { host: { roll: () => 4 } } };
const each = (period: string) => (machine: Machine) => machine.at(undefined, () => machine.raise(3), { every: period });
const every = each('500us');
const recorded = (prepare = every) => record(DOTS, { ...OPTIONS, realTime: steadyTime() }, { prepare });
/** A short one, for tests that replay it hundreds of times. */
const brief = () => recorded(each('20us'));

/** The same, written as often as possible: as after a tenth of a second each time. */
async function inSmallPieces() {
  const chunks: Uint8Array[] = [];
  let ms = 0;
  const nowMs = () => {
    ms += 100;
    return ms;
  };
  const log: string[] = [];
  const options = { ...OPTIONS, realTime: steadyTime() };
  const { machine, close } = recordMachine(DOTS, options, { write: (chunk) => chunks.push(chunk), nowMs });
  machine.onEvent(({ kind, time, instructions }) => log.push(`${kind} ${time} ${instructions}`));
  every(machine);
  machine.run();
  close();
  return { chunks, log };
}

test('what had been written when the recorder died replays, as far as it goes', async (t) => {
  const { chunks } = await inSmallPieces();
  const whole = await recorded();
  t.true(chunks.length > 10);
  let longest = 0;
  for (let count = 3; count < chunks.length - 1; count++) {
    const beginning = await replay(together(chunks.slice(0, count)));
    const log = beginning.log.filter((line) => !line.includes('"kind":"end"'));
    t.deepEqual(log, whole.log.slice(0, log.length), `${count} chunks`);
    t.true(whole.output.startsWith(beginning.output));
    t.true(log.length >= longest, 'more chunks show no less');
    longest = log.length;
    if (count < chunks.length - 2) t.is(beginning.result.outcome.kind, 'stopped');
  }
  t.true(longest > whole.log.length - 10, 'up to shortly before its end');
  for (const count of [0, 1]) {
    await t.throwsAsync(replay(together(chunks.slice(0, count))), { code: 'bad-recording' });
  }
});

test('one that is cut off within a chunk is refused with the place, and replays in part when asked to', async (t) => {
  const { recording, log } = await recorded();
  const cut = recording.subarray(0, recording.length - 1);
  const error = await t.throwsAsync<WirqError>(replay(cut), { message: /cut off in the middle of chunk \d/ });
  t.regex(error!.report, /offset 0x[0-9a-f]+.*\n.*--partial/s);
  const part = await replay(cut, { partial: true });
  t.deepEqual(part.log, log);
});

test('every byte counts: with any of them changed it is refused', async (t) => {
  const { recording } = await brief();
  for (let at = 0; at < recording.length; at++) {
    const damaged = recording.slice();
    damaged[at]! ^= 1 << (at % 8);
    const error = t.throws<WirqError>(() => readRecording(damaged), { code: 'bad-recording' }, `byte ${at}`);
    t.true(error instanceof WirqError);
  }
  for (let length = 0; length < recording.length; length++) {
    const { chunks } = length < 10 ? { chunks: [] } : findChunks(recording.subarray(0, length));
    if (chunks.length < 2) t.throws(() => readRecording(recording.subarray(0, length)), { code: 'bad-recording' });
  }
  t.throws(() => readRecording(new TextEncoder().encode('version: 1\n')), { message: /no recording of wirq/ });
});

test('another format, another module and a module that is not there are refused', async (t) => {
  const { recording } = await recorded();
  const later = recording.slice();
  later[8] = 2;
  t.throws(() => readRecording(later), { message: /format 2, and this version of wirq reads 1/ });
  const error = await t.throwsAsync<WirqError>(replay(recording, { module: wat('(module)') }), {
    message: /another module/,
  });
  t.regex(error!.advice!, /SHA-256 [0-9a-f]{64}/);
  t.is((await replay(recording, { module: DOTS })).result.exitCode, 8);
});

test('a run that the recording is not of is found out', async (t) => {
  const { recording } = await recorded();
  const { chunks } = findChunks(recording);
  const encoder = new RecordingEncoder();
  const tampered = chunks.map((chunk) => {
    if (chunk.kind !== 'header') return encoder.chunk(chunk.kind, contentOf(chunk));
    const header = new ByteReader(contentOf(chunk)).value() as { options: object };
    return encoder.chunk(
      'header',
      bytesOf({ ...header, options: { ...header.options, mailboxPoll: 1, granularity: 'block' } }),
    );
  });
  const error = await t.throwsAsync<WirqError>(replay(together(tampered)), { code: 'bad-recording' });
  t.regex(error!.report, /prepares the module otherwise/);
});

test('a hostile recording ends in an error, or in a run that ends', async (t) => {
  const { recording } = await brief();
  const { chunks } = findChunks(recording);
  const contents = chunks.map((chunk) => ({ kind: chunk.kind, content: contentOf(chunk) }));
  const edit = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'remove'));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('header', 'tape', 'end'),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      async (kind, edits) => {
        const encoder = new RecordingEncoder();
        const hostile = contents.map(({ kind: each, content }) => {
          return encoder.chunk(each, each === kind ? edited(content, edits) : content);
        });
        try {
          const wall = { nowMs: () => performance.now(), limitMs: 3000 };
          const { result } = await replay(together(hostile), { wall });
          t.not(result.outcome.kind, 'timeout');
        } catch (error) {
          t.true(error instanceof WirqError, `${(error as Error).stack}`);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('a header that says anything else ends in an error, or in a run that ends', async (t) => {
  const { recording } = await brief();
  const { chunks } = findChunks(recording);
  const header = new ByteReader(contentOf(chunks[0]!)).value() as Record<string, unknown> & { options: object };
  const anything = fc.oneof(
    fc.anything({ withBigInt: true }),
    fc.integer(),
    fc.string(),
    fc.constantFrom('1ms', '16MHz', 'mailbox', '__proto__', -1, 1e300, Number.NaN),
  );
  const names = [...Object.keys(header), 'wallLimitMs', 'scenario'];
  const options = [
    'hz',
    'seed',
    'irqs',
    'pins',
    'wires',
    'board',
    'deviceOptions',
    'retain',
    'priorityBits',
    'deliver',
    'args',
  ]
    .concat(['argv0', 'env', 'invoke', 'timeout', 'handlerTimeout', 'maxInstructions', 'mailboxPoll', 'granularity'])
    .concat(['stacks', 'slice', 'faults', 'maskFunctions', 'file', 'preempt', 'tape', 'imports']);
  const edit = fc.oneof(
    fc.tuple(fc.constantFrom(...names), anything).map(([name, value]) => ({ ...header, [name]: value })),
    fc.tuple(fc.constantFrom(...options), anything).map(([name, value]) => {
      return { ...header, options: { ...header.options, [name]: value } };
    }),
  );
  await fc.assert(
    fc.asyncProperty(edit, async (hostile) => {
      const encoder = new RecordingEncoder();
      try {
        const bytes = chunks.map((chunk) => {
          return encoder.chunk(chunk.kind, chunk.kind === 'header' ? bytesOf(hostile) : contentOf(chunk));
        });
        const wall = { nowMs: () => performance.now(), limitMs: 3000 };
        const { result } = await replay(together(bytes), { wall });
        t.not(result.outcome.kind, 'timeout');
      } catch (error) {
        const harmless = error instanceof WirqError || /cannot be recorded|nested too deeply/.test(String(error));
        t.true(harmless, `${(error as Error).stack}`);
      }
    }),
    { numRuns: 600 },
  );
});

/** With a checksum that is right again. */
function resealed(chunk: Uint8Array<ArrayBuffer>): void {
  new DataView(chunk.buffer).setUint32(chunk.length - 4, crc32(chunk.subarray(10, chunk.length - 4)), true);
}

function edited(content: Uint8Array, edits: readonly (readonly [number, number, string])[]): Uint8Array {
  const bytes = [...content];
  for (const [place, value, how] of edits) {
    const at = place % (bytes.length + 1);
    if (how === 'set') bytes[at] = value;
    else bytes.splice(at, how === 'remove' ? 1 : 0, ...(how === 'insert' ? [value] : []));
  }
  return Uint8Array.from(bytes);
}

test('a chunk that claims to be larger than it may is not inflated', (t) => {
  const zeros = new RecordingEncoder().chunk('header', new Uint8Array(1 << 24));
  t.is(findChunks(zeros).damage, undefined);
  t.true(zeros.length > 1 << 16, 'it is not compressed so much that it would be refused');
  const view = new DataView(zeros.buffer);
  const small = new RecordingEncoder().chunk('header', Uint8Array.of(0));
  new DataView(small.buffer).setUint32(19, 1 << 20, true);
  resealed(small);
  t.regex(findChunks(small).damage!.message, /none of ours/);
  t.is(view.getUint32(19, true), 1 << 24);
  const bomb = new RecordingEncoder().chunk('end', new Uint8Array((1 << 20) + 1));
  t.regex(findChunks(bomb).damage!.message, /none of ours/);
});

for (const [what, until, is] of [
  ['a time', { time: 1_800_000 }, ({ time }: { time: number }) => time <= 1_800_000],
  ['a count', { instructions: 40_000 }, ({ instructions }: { instructions: number }) => instructions <= 40_000],
] as const) {
  for (const clock of ['real', 'virtual'] as const) {
    test(`until ${what}, of a run by the ${clock} clock`, async (t) => {
      const realTime = clock === 'real' ? steadyTime() : undefined;
      const whole = await record(DOTS, { ...OPTIONS, realTime }, { prepare: every });
      const part = await replay(whole.recording, { until });
      const expected = whole.log.filter((line) => is(JSON.parse(line)));
      t.deepEqual(part.log.slice(0, -1), expected.slice(0, part.log.length - 1));
      const reached = clock === 'real' || 'time' in until ? part.result.outcome.kind === 'stopped' : true;
      t.true(reached, part.result.outcome.kind);
      t.is(part.log.length - 1, expected.filter((line) => !line.includes('"kind":"end"')).length);
    });
  }
}

test('preemption that counts nothing cannot be recorded', (t) => {
  const write = () => t.fail();
  const options = { ...OPTIONS, realTime: steadyTime(), preempt: 'calls' } as const;
  const error = t.throws<WirqError>(() => recordMachine(DOTS, options, { write }), { code: 'unsupported' });
  t.regex(error!.advice!, /safepoints/);
});

test('a module that is too large to be part of its recording is needed for the replay', async (t) => {
  const padding = new Uint8Array(17 << 20);
  // A custom section called "x".
  const large = together([DOTS, Uint8Array.of(0, 0x82, 0x80, 0xc0, 0x08, 1, 0x78), padding]);
  const { recording, digest } = await record(large, { ...OPTIONS, realTime: steadyTime() }, { prepare: each('20us') });
  t.true(recording.length < 10_000);
  const error = await t.throwsAsync<WirqError>(replay(recording), { message: /its module is not part of it/ });
  t.regex(error!.advice!, /wirq replay run.wirq module.wasm/);
  await t.throwsAsync(replay(recording, { module: DOTS }), { message: /another module/ });
  t.is((await replay(recording, { module: large })).digest, digest);
});

test('a listener may ask for the time while it is recorded', async (t) => {
  const times: number[] = [];
  const listen = (machine: Machine) => {
    every(machine);
    machine.onEvent(({ time }) => times.push(machine.now - time));
  };
  const { recording, digest } = await recorded(listen);
  t.true(times.length > 10 && times.every((each) => each === 0));
  t.is((await replay(recording)).digest, digest);
});

test('a machine that is called from a listener while it is recorded is refused', (t) => {
  const { machine } = recordMachine(DOTS, OPTIONS, { write: () => {} });
  machine.onEvent(() => machine.raise(3));
  t.throws(() => machine.run(), { message: /called from where a recording cannot repeat it/ });
});

test('a value with more elements than anybody needs is neither written nor read', (t) => {
  const many = new Array(MAX_ELEMENTS + 1).fill(undefined);
  t.throws(() => new ByteWriter().value(many), { message: /too many elements/ });
  t.notThrows(() => new ByteWriter().value(many.slice(1)));
  const bytes = new ByteWriter();
  bytes.byte(9);
  bytes.count(MAX_ELEMENTS + 1);
  const hostile = new Uint8Array(MAX_ELEMENTS + 10);
  hostile.set(bytes.take());
  t.throws(() => new ByteReader(hostile).value(), { message: /too many elements/ });
});

test('values are read as they were written', (t) => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: false }), fc.maxSafeNat(), (value, count) => {
      const writer = new ByteWriter(4);
      writer.count(count);
      writer.value([value]);
      const reader = new ByteReader(writer.take());
      t.is(reader.count(), count);
      t.deepEqual(reader.value(), [value]);
      t.true(reader.done);
    }),
    { numRuns: 500 },
  );
});
