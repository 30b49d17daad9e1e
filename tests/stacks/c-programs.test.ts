/** The headers of the C SDK that stand on tasks and stacks, by programs that say what they see: the same on every backend. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { formatEvent } from '../../src/trace/jsonl.ts';
import { fixture } from '../support/root.ts';
import { asyncify, PARKING } from './machines.ts';

interface Program {
  readonly name: string;
  readonly says: string;
  readonly prepare?: (machine: Machine) => void;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'sync',
    says: `try: 0
took 3
took 1
took 2
try: 1 0
try: 0
spun
low at 20
low at 20
high has it, at 20
middle has it, at 60
low at 120
outer owner at 20
link at 20
high has it, at 20
sent 2 before anybody received
received 10, sent 3
received 11, sent 4
received 12, sent 5
received 13, sent 5
received 14, sent 5
more: 0
room for 2
nobody receives: 0
8 was taken
met 8
7 was taken
met 7
any: a
left: 8
keeps: c
left: c
all: e
left: 8
at once: 8
cleared: 0
reading 100000001
reading 200000002
reading 300000003
full: 10
`,
    prepare: (machine) => machine.at('1ms', () => machine.raise(3), { every: '2ms', count: 200 }),
  },
  {
    name: 'ucontext',
    says: `count 3
count 4
ended: -1 EINVAL
1234567 eight
first
second
first again
masked inside: 1
outside: 0
masked inside again: 1
outside: 0 1
here: -1 ENOTSUP
the last
`,
  },
];

async function play({ name, prepare }: Program, stacks: (typeof PARKING)[number]) {
  const decoder = new TextDecoder();
  let output = '';
  const log: string[] = [];
  const machine = Machine.load(fixture(`tests/stacks/programs/${name}.wasm`), {
    stacks,
    asyncify,
    timeout: '2s',
    onOutput: (_stream, bytes) => {
      output += decoder.decode(bytes);
    },
  });
  machine.onEvent((event) => log.push(formatEvent(event)));
  prepare?.(machine);
  const result = await machine.runAsync();
  return { output, log, result };
}

for (const program of PROGRAMS) {
  for (const stacks of PARKING) {
    test(`${stacks}: ${program.name}.c`, async (t) => {
      const { output, result } = await play(program, stacks);
      t.is(output, program.says);
      t.deepEqual(result.outcome, { kind: 'exit', code: 0 });
      t.deepEqual(result.warnings, []);
    });
  }
  test(`the same events on every backend: ${program.name}.c`, async (t) => {
    const logs: (readonly string[])[] = [];
    for (const stacks of PARKING) logs.push((await play(program, stacks)).log);
    t.true(logs[0]!.length > 2);
    for (const log of logs) t.deepEqual(log, logs[0]);
  });
}

for (const stacks of PARKING) {
  test(`${stacks}: a task that ends by a trap is told of with its backtrace, by lines where offsets are known`, async (t) => {
    const { output, log, result } = await play({ name: 'fault', says: '' }, stacks);
    t.is(output, 'ended with 134\n');
    const [warning, ...more] = result.warnings;
    t.deepEqual(more, []);
    const names = /^task 1 ended by a trap: divide by zero in divide(?: \((.*?)\))? < faults(?: \((.*?)\))?$/.exec(
      warning!,
    );
    t.truthy(names, warning);
    const lines = [9, 13].map((line) => `tests/stacks/programs/fault.c:${line}`);
    t.deepEqual(names!.slice(1), stacks === 'asyncify' ? [undefined, undefined] : lines);
    t.true(log.some((line) => line.includes('"fault"') && line.includes('divide < faults')));
  });
}

for (const granularity of ['loop', 'block', 'instruction'] as const) {
  test(`nothing in wirq-sync.h is lost or torn by slices and interrupts at every turn, at ${granularity}s`, async (t) => {
    const bytes = fixture('tests/stacks/programs/stress.wasm');
    const backends = granularity === 'block' ? PARKING : PARKING.slice(-1);
    for (const stacks of backends) {
      for (const [slice, every] of [
        ['1us', '37us'],
        ['3us', '23us'],
        ['50us', '101us'],
      ] as const) {
        const machine = Machine.load(bytes, { stacks, asyncify, granularity, slice, timeout: '2s' });
        machine.at(undefined, () => machine.raise(3), { every });
        const { outcome } = await machine.runAsync();
        t.deepEqual(outcome, { kind: 'exit', code: 0 }, `${stacks}, slices of ${slice}, an interrupt every ${every}`);
        t.true(machine.delivered(3) > 50);
      }
    }
  });
}
