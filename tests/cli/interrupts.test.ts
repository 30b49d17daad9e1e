/** `--irq` and `--signal` in all their forms, `--deliver`, `--seed`, and that the same command line is the same run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { RunSummary } from '../../src/report/summary.ts';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { allFirmware } from './firmware.ts';

test.after.always(cleanUp);

const cwd = folderWith({
  ...allFirmware(),
  'names.yaml': `version: 1
machine: {irqs: {BUTTON: {line: 3}, KEY: {line: 4}}}
steps:
  - delay: 5ms
`,
  'mailbox.yaml': `version: 1
machine: {irqs: {BUTTON: {line: 3, deliver: mailbox}, KEY: {line: 4}}}
steps:
  - irq: BUTTON
  - irq: KEY
  - delay: 1ms
`,
});

let traces = 0;

interface LoggedEvent {
  readonly time: number;
  readonly instructions: number;
  readonly kind: string;
  readonly line?: string;
}

/** The events of a run, and its summary. */
async function observe(t: ExecutionContext, ...args: string[]) {
  const trace = `run-${traces++}.jsonl`;
  const ran = await runMain(['--trace', trace, '--json', ...args], { cwd });
  t.notThrows(() => JSON.parse(ran.stdout), ran.stderr);
  const lines = readFileSync(join(cwd, trace), 'utf8').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as LoggedEvent);
  const of = (kind: string, line: string) => events.filter((event) => event.kind === kind && event.line === line);
  return { ...ran, events, of, summary: JSON.parse(ran.stdout) as RunSummary };
}

/** Safepoints of the firmware here are this close, in instructions. */
const NEAR = 100;

test('--irq at a time', async (t) => {
  const { code, of } = await observe(t, '--irq', '3@10ms', 'until-interrupted.wasm');
  t.true(code! > 0);
  const [pend] = of('pend', 'IRQ3');
  t.true(pend!.time >= 10_000_000 && pend!.time < 10_000_000 + (NEAR * 1e9) / 16e6);
  t.is(of('enter', 'IRQ3').length, 1);
});

test('--irq at an instruction', async (t) => {
  const { of } = await observe(t, '--irq', '3@insn:12345', 'until-interrupted.wasm');
  const [enter] = of('enter', 'IRQ3');
  t.true(enter!.instructions >= 12345 && enter!.instructions < 12345 + NEAR);
});

test('--irq at the entry of a function', async (t) => {
  for (const entry of [1, 3, 1000]) {
    // The guest exits with the number of entries whose body was executed before the handler.
    const { code } = await observe(t, '--irq', `3@func:work#${entry}`, 'until-interrupted.wasm');
    t.is(code, (entry - 1) & 0xff);
  }
  t.is((await observe(t, '--irq', '3@func:work', 'until-interrupted.wasm')).code, 0);
});

test('--irq again and again, and several of them', async (t) => {
  const { of, summary } = await observe(
    ...([
      t,
      '--irq',
      '3@every:1ms',
      '--irq',
      '4@2500us',
      '--irq=4@3ms',
      '--timeout',
      '5500us',
      'reactor.wasm',
    ] as const),
  );
  t.deepEqual(
    of('enter', 'IRQ3').map((event) => event.time),
    [1e6, 2e6, 3e6, 4e6, 5e6],
  );
  t.deepEqual(
    of('enter', 'IRQ4').map((event) => event.time),
    [2.5e6, 3e6],
  );
  t.deepEqual(
    summary.lines.map(({ name, raised, delivered }) => [name, raised, delivered]),
    [
      ['IRQ3', 5, 5],
      ['IRQ4', 2, 2],
    ],
  );
});

test('--irq by a name: of the scenario, of a line, of an exception', async (t) => {
  const args = ['--irq', 'BUTTON@1ms', '--irq', 'IRQ4@2ms', '--irq', 'PendSV@3ms'];
  const { of } = await observe(t, '--scenario', 'names.yaml', ...args, 'reactor.wasm');
  t.is(of('enter', 'BUTTON')[0]?.time, 1e6);
  t.is(of('enter', 'KEY')[0]?.time, 2e6);
  t.is(of('pend', 'PendSV')[0]?.time, 3e6);
});

test('--deliver for the run', async (t) => {
  const irqs = ['--irq', '3@1ms', '--irq', '4@1ms', '--timeout', '2ms', 'mailbox-or-handler.wasm'];
  const kinds = async (...args: string[]) => {
    const { events, summary } = await observe(t, ...args, ...irqs);
    return { posts: summary.mailbox?.posted, handlers: events.filter((event) => event.kind === 'enter').length };
  };
  t.deepEqual(await kinds('--deliver', 'mailbox'), { posts: 2, handlers: 0 });
  t.deepEqual(await kinds('--deliver', 'handler'), { posts: 0, handlers: 2 });
  t.deepEqual(await kinds('--deliver', '4=mailbox'), { posts: 1, handlers: 1 });
  t.deepEqual(await kinds('--deliver', 'mailbox', '--deliver', '3=handler'), { posts: 1, handlers: 1 });
});

test('--deliver overrules what the scenario says of a line, and by its name', async (t) => {
  const handled = async (...args: string[]) => {
    const { of } = await observe(t, '--scenario', 'mailbox.yaml', ...args, 'mailbox-or-handler.wasm');
    return [of('enter', 'BUTTON').length, of('enter', 'KEY').length];
  };
  t.deepEqual(await handled(), [0, 1]);
  t.deepEqual(await handled('--deliver', 'BUTTON=handler', '--deliver', 'KEY=mailbox'), [1, 0]);
  t.deepEqual(await handled('--deliver', '3=handler'), [1, 1]);
});

test('--hz is how much work a second holds', async (t) => {
  const slow = await observe(t, '--hz', '1kHz', '--timeout', '1s', 'spin.wasm');
  t.true(slow.summary.instructions >= 1000 && slow.summary.instructions < 1000 + NEAR);
  t.true(slow.summary.time >= 1e9 && slow.summary.time < 1e9 + NEAR * 1e6);
});

test('--seed feeds what is random: the same seed the same, another seed another', async (t) => {
  const random = async (...args: string[]) => (await runMain([...args, 'random.wasm'], { cwd })).stdout;
  const unseeded = await random();
  t.regex(unseeded, /^[a-p]{16}$/);
  t.is(await random(), unseeded);
  t.is(await random('--seed', '0'), unseeded);
  const seeded = await random('--seed', '4294967295');
  t.not(seeded, unseeded);
  t.is(await random('--seed', '4294967295'), seeded);
});

test('--digest is equal for equal runs, and differs for another seed, injection, output or module', async (t) => {
  const digest = async (...args: string[]) => {
    const { stdout, code } = await runMain(['--digest', ...args], { cwd });
    const match = /^digest: sha256:([0-9a-f]{64})$/m.exec(stdout);
    t.truthy(match, `${args.join(' ')}: ${code}\n${stdout}`);
    return match?.[1];
  };
  const runs = [
    ['random.wasm'],
    ['--seed', '1', 'random.wasm'],
    ['--irq', '3@1ms', 'until-interrupted.wasm'],
    ['--irq', '3@2ms', 'until-interrupted.wasm'],
    ['--irq', '3@1ms', '--irq', '3@1ms', 'until-interrupted.wasm'],
    ['arguments.wasm', 'a'],
    ['arguments.wasm', 'b'],
    ['empty.wasm'],
    ['trap.wasm'],
  ];
  const digests: (string | undefined)[] = [];
  for (const args of runs) digests.push(await digest(...args));
  t.is(new Set(digests).size, runs.length);
  for (const [at, args] of runs.entries()) t.is(await digest(...args), digests[at]);
  t.is(await digest('--wall-timeout', '1h', ...runs[2]!), digests[2], 'a wall-clock limit leaves no trace');
  t.is(await digest('-v', ...runs[2]!), digests[2], 'nor does looking on');
});

test('the built command line gives the same trace and digest', async (t) => {
  const args = ['--irq', '3@1ms', '--digest', 'until-interrupted.wasm'];
  const built = await wirq(['--trace', 'built.jsonl', ...args], { cwd });
  const source = await runMain(['--trace', 'source.jsonl', ...args], { cwd });
  t.deepEqual(built, source);
  t.is(readFileSync(join(cwd, 'built.jsonl'), 'utf8'), readFileSync(join(cwd, 'source.jsonl'), 'utf8'));
});
