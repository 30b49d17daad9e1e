/** The package as a library: what the README shows works as it stands there, and what is promised is exported. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import * as wirq from '../src/index.ts';
import { Machine, type MachineEvent, WaitError, WirqError } from '../src/index.ts';
import { fixture, root } from './support/root.ts';
import { wat } from './support/wat.ts';

const sample = (name: string) => fixture(`firmware-samples/${name}/${name}.wasm`);
const button = () => Machine.load(sample('blinky'), { irqs: { BUTTON: 3 }, pins: { LED: 13 } });

test("the README's example works as it stands there", async (t) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, code] = /^## As a library\n+```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  t.truthy(code, 'there is one');
  const body = code!.replace(/^import .*\n/gm, '');
  const tests: ((t: ExecutionContext) => unknown)[] = [];
  const declare = (_title: string, act: (t: ExecutionContext) => unknown) => tests.push(act);
  const read = (file: string) => sample(file.replace('.wasm', ''));
  new Function('test', 'Machine', 'readFileSync', body)(declare, Machine, read);
  t.is(tests.length, 1);
  await tests[0]!(t);
});

test('a script waits for what the guest does, acts on it while it is paused, and looks at it', (t) => {
  const machine = button();
  const events: MachineEvent[] = [];
  machine.onEvent((event) => events.push(event));
  const seen: unknown[] = [];
  const result = machine.run(function* () {
    yield machine.untilSerial('every 100 ms\n', { timeout: '10ms' });
    seen.push(machine.pin('LED'));
    yield machine.untilPin('LED', 1, { timeout: '200ms' });
    seen.push(machine.now, machine.pin(13));
    machine.raise('BUTTON');
    yield machine.untilDelivered('BUTTON', 1, { timeout: '1ms' });
    yield machine.delay('1ms');
    seen.push(machine.outcome);
  });
  t.is(seen[0], 0);
  t.true(Number(seen[1]) >= 100e6 && Number(seen[1]) < 101e6, 'one period after it began');
  t.is(seen[2], 1);
  t.is(seen[3], undefined, 'it still runs');
  t.is(machine.delivered('BUTTON'), 1);
  t.deepEqual(machine.outcome, { kind: 'finished' });
  t.is(result.exitCode, 0);
  t.is(result.time, machine.now);
  t.is(result.instructions, machine.instructions);
  t.deepEqual(
    result.lines.map(({ name, line, raised, delivered }) => ({ name, line, raised, delivered })),
    [
      { name: 'SysTick', line: -1, raised: 1, delivered: 1 },
      { name: 'BUTTON', line: 3, raised: 1, delivered: 1 },
    ],
  );
  t.is(events[0]!.kind, 'reset');
  t.is(events.at(-1)!.kind, 'end');
  t.true(events.some(({ kind, details }) => kind === 'enter' && details.line === 'BUTTON'));
});

test('injections before the run take a moment, and go by number or by name', (t) => {
  const machine = button();
  machine.raise('BUTTON', '150ms');
  machine.raise(3, 160e6);
  machine.raise('IRQ3', { kind: 'time', at: wirq.instant(170e6) });
  const pressed: number[] = [];
  machine.onEvent(({ kind, details, time }) => {
    if (kind === 'pend' && details.line === 'BUTTON') pressed.push(time);
  });
  t.is(machine.run().exitCode, 0);
  t.deepEqual(
    pressed.map((time) => Math.floor(time / 1e6)),
    [150, 160, 170],
  );
});

const COUNTER = `(module
  (memory (export "memory") 1)
  (global (export "counter") i32 (i32.const 64))
  (func (export "IRQ3_Handler") (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1))))
  (func (export "main") (result i32) (loop $wait (br_if $wait (i32.lt_u (i32.load (i32.const 64)) (i32.const 5)))) i32.const 42))`;

test('memory is read by the names that the firmware exports', (t) => {
  const machine = Machine.load(wat(COUNTER));
  machine.at('1ms', () => machine.raise(3), { every: '1ms' });
  const counts: number[] = [];
  const read = () => new DataView(machine.readMemory(machine.addressOf('counter'), 4).buffer).getUint32(0, true);
  const result = machine.run(function* () {
    yield machine.untilDelivered(3, 2, { timeout: '1s' });
    counts.push(read());
    yield machine.untilEnd({ timeout: '1s' });
    counts.push(read());
  });
  t.is(result.exitCode, 42);
  t.deepEqual(counts, [2, 5]);
  t.is(machine.readMemory(64, 4).length, 4);
});

test('serial input and pins are driven from outside; output is heard as bytes', (t) => {
  let output = '';
  const machine = Machine.load(sample('uart-echo'), {
    onOutput: (stream, bytes) => {
      if (stream === 'stdout') output += new TextDecoder().decode(bytes);
    },
  });
  machine.writeSerial('hi\x04', { when: '1ms' });
  machine.setPin(4, 1, '1ms');
  t.is(machine.run().exitCode, 0);
  t.is(machine.pin(4), 1);
  t.regex(output, /^ready\n/);
  t.regex(output, /2 bytes; /);
});

test('a signal ends a guest that does not handle it', (t) => {
  const machine = Machine.load(wat('(module (func (export "main") (loop (br 0))))'));
  machine.signal('SIGTERM', { when: '1ms' });
  const { outcome, exitCode } = machine.run();
  t.deepEqual(outcome, { kind: 'signal', signal: 15, name: 'SIGTERM' });
  t.is(exitCode, 143);
});

test('a wait that does not come true throws a WaitError into the script, and out of run', (t) => {
  const machine = button();
  const caught: unknown[] = [];
  const error = t.throws(
    () =>
      machine.run(function* () {
        try {
          yield machine.untilSerial('never', { timeout: '1ms' });
        } catch (failure) {
          caught.push(failure);
        }
        yield machine.untilPin('LED', 1, { timeout: '2ms' });
      }),
    { instanceOf: WaitError },
  );
  t.is(caught.length, 1);
  t.true(caught[0] instanceof WaitError);
  t.regex(String(caught[0]), /serial output "never" did not come: its time ran out at 1\.?\d*ms/);
  t.regex(error!.message, /^pin LED at 1 did not come: .* \(it is 0\)$/);
});

test("a user's mistakes are WirqErrors with a code, a place and advice", (t) => {
  const code = (act: () => unknown) => {
    const error = t.throws(act, { instanceOf: WirqError });
    t.truthy(error?.message);
    return (error as WirqError | undefined)?.code;
  };
  t.is(
    code(() => Machine.load(Uint8Array.of(1, 2, 3))),
    'bad-module',
  );
  t.is(
    code(() => Machine.load(wat('(module (import "env" "gone" (func)))'))),
    'missing-import',
  );
  t.is(
    code(() => Machine.load(wat('(module (func (export "IRQ3_Handler") (param f64)))'))),
    'bad-handler',
  );
  t.is(
    code(() => Machine.load(sample('blinky'), { hz: 'fast' })),
    'bad-argument',
  );
  t.is(
    code(() => button().raise('BUTON')),
    'bad-argument',
  );
  t.is(
    code(() => button().raise(240)),
    'bad-argument',
  );
  t.is(
    code(() => button().raise(3, '5')),
    'bad-argument',
  );
  t.is(
    code(() => button().signal('SIGNOT')),
    'bad-argument',
  );
  t.is(
    code(() => button().pin('LAMP')),
    'bad-argument',
  );
  t.is(
    code(() => button().readMemory(0, 4)),
    'bad-argument',
  );
  t.is(
    code(() => wirq.parseScenario('version: 2', 'x.yaml')),
    'bad-scenario',
  );
  const machine = Machine.load(wat('(module)'));
  machine.run();
  t.is(
    code(() => machine.run()),
    'bad-argument',
  );
  const misspelt = t.throws(() => wirq.parseScenario('version: 1\nstpes: []\n', 'x.yaml'), { instanceOf: WirqError });
  t.like(misspelt!.place, { file: 'x.yaml', line: 2, column: 1 });
  t.regex(misspelt!.advice!, /did you mean 'steps'\?/);
});

test('a trap, a timeout and a deadlock are outcomes, not errors', (t) => {
  const run = (source: string, options = {}) => Machine.load(wat(source), options).run();
  t.like(run('(module (func (export "main") unreachable))'), { exitCode: 134, outcome: { kind: 'trap' } });
  const spin = '(module (func (export "main") (loop (br 0))))';
  const timedOut = run(spin, { timeout: '1ms' });
  t.like(timedOut, { exitCode: 124, outcome: { kind: 'timeout' } });
  t.true(timedOut.time >= 1e6 && timedOut.time < 1.01e6, 'at the next safepoint');
  t.like(run(spin, { maxInstructions: 1000 }), { exitCode: 124, outcome: { kind: 'timeout' } });
  const wait = '(module (import "wirq/irq" "wfi" (func $wfi)) (func (export "main") (call $wfi)))';
  t.like(run(wait), { exitCode: 134, outcome: { kind: 'deadlock' } });
});

test('a scenario is played on a machine, with a verdict', (t) => {
  const path = 'firmware-samples/blinky/button.yaml';
  const scenario = wirq.parseScenario(readFileSync(join(root, path), 'utf8'), path);
  const machine = Machine.load(sample('blinky'), wirq.machineOptions(scenario.machine));
  const player = new wirq.ScenarioPlayer(machine, scenario);
  const digest = new wirq.RunDigest();
  machine.onEvent(digest.listener);
  const lines: string[] = [];
  machine.onEvent((event) => lines.push(wirq.formatEvent(event)));
  machine.run(player.script);
  t.true(player.verdict.passed);
  t.is(player.verdict.stepsTaken, scenario.steps.length);
  t.regex(digest.hex(), /^[0-9a-f]{64}$/);
  t.true(lines.every((line) => typeof JSON.parse(line).kind === 'string'));
});

test('imports of your own are called, and win over those of wirq', (t) => {
  const heard: number[] = [];
  const source =
    '(module (import "env" "hear" (func $hear (param i32))) (func (export "main") (call $hear (i32.const 7))))';
  Machine.load(wat(source), {
    imports: { env: { hear: { call: (value: unknown) => heard.push(Number(value)) } } },
  }).run();
  t.deepEqual(heard, [7]);
});

test('everything that is documented is exported', (t) => {
  const values = [
    ...['Machine', 'WaitError', 'WirqError', 'ScenarioPlayer', 'RunDigest'],
    ...['duration', 'instant', 'formatDuration', 'parseDuration', 'formatEvent', 'exitCode', 'openPreopen'],
    ...['inspectModule', 'instrument', 'machineOptions', 'parseInjection', 'parseScenario', 'parseSignalInjection'],
  ];
  const exported = Object.keys(wirq);
  for (const name of values) t.true(exported.includes(name), name);
  for (const name of exported) t.is(typeof (wirq as Record<string, unknown>)[name], 'function', name);
});

test('what the documentation imports from the package is exported', (t) => {
  const source = readFileSync(join(root, 'src/index.ts'), 'utf8');
  for (const file of ['README.md', 'docs/firmware.md', 'docs/scenario.md', 'docs/trace.md', 'docs/json.md']) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, names] of text.matchAll(/^import (?:type )?\{([^}]*)\} from 'wirq'/gm)) {
      for (const name of names!.split(',')) {
        t.regex(source, new RegExp(`\\b${name.replace(/\btype\b/, '').trim()}\\b`), `${file}: ${name}`);
      }
    }
  }
});
