/** What comes out of a run besides the guest's output: summary, event log, trace, colours, and how much is said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { RunSummary } from '../../src/report/summary.ts';
import { cleanUp, folderWith, runMain, wirq } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { allFirmware } from './firmware.ts';

test.after.always(cleanUp);

const cwd = folderWith({
  ...allFirmware(),
  'dark.yaml': `version: 1
machine: {pins: {LED: 13}}
steps:
  - expect-pin: {pin: LED, value: 1}
`,
});

test("--json prints one JSON document; the guest's output goes to standard error", async (t) => {
  const { code, stdout, stderr } = await wirq(['--json', '--digest', 'arguments.wasm', 'x'], { cwd });
  const summary = JSON.parse(stdout) as RunSummary;
  t.is(code, 0);
  t.is(stdout, `${JSON.stringify(summary, undefined, 2)}\n`);
  t.is(stderr, 'arguments.wasm\0x\0');
  t.is(summary.verdict, 'passed');
  t.deepEqual(summary.output, { stdout: 'arguments.wasm\0x\0'.length, stderr: 0 });
  t.regex(summary.digest!, /^[0-9a-f]{64}$/);
});

test('--json tells failures, traps and results too, with the exit code of the process', async (t) => {
  const json = async (...args: string[]) => {
    const { code, stdout } = await runMain(['--json', ...args], { cwd });
    const summary = JSON.parse(stdout) as RunSummary;
    t.is(code, summary.exitCode);
    return summary;
  };
  t.deepEqual((await json('--invoke', 'fib', 'functions.wasm', '10')).returned, [55]);
  t.like(await json('trap.wasm'), { verdict: 'failed', exitCode: 134, outcome: { kind: 'trap' } });
  t.like(await json('--timeout', '1ms', 'spin.wasm'), { exitCode: 124, outcome: { limit: 'machine' } });
  const failed = await json('--scenario', 'dark.yaml', 'light.wasm');
  t.like(failed, { verdict: 'failed', exitCode: 1, scenario: { name: 'dark.yaml', taken: 1, steps: 1 } });
  t.like(failed.failures[0]!, { what: 'pin LED', expected: '1', actual: '0', place: 'dark.yaml:4:5' });
});

test('every field of the summary is described', async (t) => {
  const described = readFileSync(join(root, 'docs/json.md'), 'utf8');
  const { stdout } = await runMain(['--json', 'trap.wasm'], { cwd });
  const fields = [...stdout.matchAll(/"(\w+)":/g)].map((match) => match[1]!);
  t.true(fields.length > 15);
  for (const field of fields) t.true(described.includes(`\`${field}\``), field);
});

test('--trace writes every event as JSON Lines, each of them described', async (t) => {
  const sample = join(root, 'firmware-samples/blinky');
  const args = ['--trace', 'run.jsonl', '--scenario', join(sample, 'button.yaml'), join(sample, 'blinky.wasm')];
  const { code, stdout } = await wirq(args, { cwd });
  t.is(code, 0);
  t.regex(stdout, /^blinking/, "the guest's output is where it always is");
  const text = readFileSync(join(cwd, 'run.jsonl'), 'utf8');
  t.true(text.endsWith('}\n'));
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { time: number; instructions: number; kind: string });
  t.is(events[0]!.kind, 'reset');
  t.is(events.at(-1)!.kind, 'end');
  const times = events.map((event) => event.time);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const described = readFileSync(join(root, 'docs/trace.md'), 'utf8');
  for (const event of events) {
    const section = described.split(/^### /m).find((part) => part.split('\n')[0]!.includes(`\`${event.kind}\``));
    t.truthy(section, event.kind);
    const [, , , ...fields] = Object.keys(event);
    t.deepEqual(Object.keys(event).slice(0, 3), ['time', 'instructions', 'kind']);
    for (const field of fields) t.true(section!.includes(`\`${field}\``), `${event.kind}: ${field}`);
  }
});

test('--trace is written also when the guest traps, and when a run cannot begin nothing is left half done', async (t) => {
  t.is((await runMain(['--trace', 'trap.jsonl', 'trap.wasm'], { cwd })).code, 134);
  t.regex(readFileSync(join(cwd, 'trap.jsonl'), 'utf8'), /"kind":"end","outcome":"trap","code":134\}\n$/);
});

test('-v logs the events to standard error, among the output of the guest in its order', async (t) => {
  const { stdout, stderr } = await wirq(['-v', 'random.wasm'], { cwd });
  t.regex(stdout, /^[a-p]{16}$/);
  const kinds = [...stderr.matchAll(/^ *\d+\.\d{9}s +\d+ {2}(\S+)/gm)].map((match) => match[1]);
  t.deepEqual(kinds, ['reset', 'call', 'end']);
  t.regex(stderr, /^passed random\.wasm \(exit 0 at /m);
  t.is((await runMain(['--verbose', 'random.wasm'], { cwd })).stderr, stderr);
});

test('-q says only what went wrong', async (t) => {
  const warned = ['--irq', '9@1ms', '--timeout', '2ms', 'spin.wasm'];
  t.regex((await runMain(warned, { cwd })).stderr, /warning: IRQ9 /);
  const quiet = (await runMain(['-q', ...warned], { cwd })).stderr;
  t.notRegex(quiet, /warning/);
  t.regex(quiet, /^timeout: /);
  t.is((await runMain(['-q', '--scenario', 'dark.yaml', 'light.wasm'], { cwd })).code, 1);
  t.regex((await runMain(['--quiet', '--scenario', 'dark.yaml', 'light.wasm'], { cwd })).stderr, /actual {4}0/);
});

test('there are colours where they are asked for', async (t) => {
  const escapes = async (env: Record<string, string>, ...args: string[]) =>
    (await runMain([...args, 'trap.wasm'], { cwd, env })).stderr.includes('\x1b[');
  t.false(await escapes({}), 'a file is no terminal');
  t.true(await escapes({}, '--color'));
  t.true(await escapes({}, '--color', '-v'));
  t.true(await escapes({ NO_COLOR: '1' }, '--color'), 'an option is stronger than the environment');
  t.false(await escapes({}, '--no-color'));
  t.false(await escapes({}, '--color', '--no-color'), 'the last one counts');
  t.false(await escapes({ NO_COLOR: '1' }));
});
