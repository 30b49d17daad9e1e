/** Goal: what a real machine and scenario leave behind goes through summary, trace and digest, and repeats to the byte. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { formatVerdict } from '../../src/report/console.ts';
import { summarize } from '../../src/report/summary.ts';
import { machineOptions } from '../../src/scenario/machine-section.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ScenarioPlayer } from '../../src/scenario/player.ts';
import { RunDigest } from '../../src/trace/digest.ts';
import { EVENT_FIELDS, JsonlTrace } from '../../src/trace/jsonl.ts';
import { formatLogLine } from '../../src/trace/log.ts';
import { wat } from '../support/wat.ts';

const BLINK = wat(`(module
  (memory (export "memory") 1)
  (global (export "counter") i32 (i32.const 64))
  (func (export "BUTTON_IRQHandler")
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1))))
  (func (export "_start")
    (loop $wait (br_if $wait (i32.lt_u (i32.load (i32.const 64)) (i32.const 2))))))`);

const SCENARIO = parseScenario(
  `version: 1
machine: {irqs: {BUTTON: {line: 3}}, pins: {btn: {pin: 4, active: low, irq: BUTTON, edge: rising}}}
steps:
  - irq: BUTTON
  - delay: 1ms
  - expect-mem: {address: counter, type: u32, equals: 7}
  - set-control: {part-id: btn, control: pressed, value: 0}
  - expect-exit: 0
`,
  'blink.yaml',
);

function play() {
  const machine = Machine.load(BLINK, machineOptions(SCENARIO.machine));
  const player = new ScenarioPlayer(machine, SCENARIO);
  const digest = new RunDigest();
  let trace = '';
  const log: string[] = [];
  const jsonl = new JsonlTrace((text) => {
    trace += text;
  });
  machine.onEvent(jsonl.listener);
  machine.onEvent(digest.listener);
  machine.onEvent((event) => log.push(formatLogLine(event)));
  const result = machine.run(player.script);
  jsonl.end();
  const summary = summarize({
    result,
    scenario: { name: 'blink', verdict: player.verdict },
    output: { stdout: 0, stderr: 0 },
    digest: digest.hex(),
  });
  return { summary, trace, log };
}

test('the summary and the verdict', (t) => {
  const { summary } = play();
  t.is(summary.verdict, 'failed');
  t.is(summary.exitCode, 1);
  t.deepEqual(summary.outcome, { kind: 'exit', code: 0 });
  t.deepEqual(summary.scenario, { name: 'blink', taken: 5, steps: 5 });
  t.is(summary.failures.length, 1);
  t.like(summary.failures[0], { expected: '7', actual: '1', place: 'blink.yaml:6:5' });
  const time = Number(summary.failures[0]!.time);
  t.true(time >= 1_000_000 && time < 1_100_000, String(time));
  t.like(summary.lines[0], { name: 'BUTTON', line: 3, raised: 2, delivered: 2, coalesced: 0, pending: false });
  t.regex(formatVerdict(summary), /^blink\.yaml:6:5: .*\n {2}expected {2}7\n {2}actual {4}1\n/);
});

test('the trace has only documented events, and its digest is that of the summary', (t) => {
  const { summary, trace, log } = play();
  const lines = trace.trimEnd().split('\n');
  t.is(lines.length, log.length);
  for (const line of lines) {
    const { time, instructions, kind, ...details } = JSON.parse(line);
    t.true(Number.isSafeInteger(time) && Number.isSafeInteger(instructions));
    const fields = EVENT_FIELDS[kind as keyof typeof EVENT_FIELDS];
    for (const field of Object.keys(details)) t.true(fields.includes(field), `${kind}.${field}`);
  }
  t.is(JSON.parse(lines[0]!).kind, 'reset');
  t.is(JSON.parse(lines.at(-1)!).kind, 'end');
  t.regex(
    trace,
    /"kind":"pin","pin":4,"level":1,"driver":"outside"\}\n.*"kind":"pend","line":"BUTTON","source":"pin 4"/,
  );
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  t.is(summary.digest, sha(`wirq run digest 1\n${sha(trace)}\n${sha('')}\n${sha('')}`));
});

test('a second run says the same in every form', (t) => {
  t.deepEqual(play(), play());
});
