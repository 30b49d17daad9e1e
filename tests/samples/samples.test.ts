/** Every sample under its scenario: what it prints, to the letter, and that its expectations hold. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { machineOptions } from '../../src/scenario/machine-section.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ScenarioPlayer } from '../../src/scenario/player.ts';
import { fixture } from '../support/root.ts';

interface Sample {
  readonly wasm: string;
  readonly scenario: string;
  readonly output: string;
  readonly exitCode: number;
}

/** The least and the greatest of sixteen samples of a sine, twelve times. */
const SAMPLED = `block 0: 2117 to 3038
block 1: 3094 to 3779
block 2: 3812 to 4091
block 3: 3898 to 4095
block 4: 3247 to 3870
block 5: 2299 to 3194
block 6: 1289 to 2235
block 7: 467 to 1230
block 8: 35 to 427
block 9: 0 to 102
block 10: 123 to 649
block 11: 697 to 1543
took 12 of 12 blocks
`;

const SAMPLES: readonly Sample[] = [
  {
    wasm: 'blinky/blinky.wasm',
    scenario: 'blinky/button.yaml',
    output: `blinking every 100 ms
press 1: every 50 ms
press 2: every 25 ms
bye, after 4 toggles
`,
    exitCode: 0,
  },
  {
    wasm: 'uart-echo/uart-echo.wasm',
    scenario: 'uart-echo/echo.yaml',
    output: `ready
hello
who is there?
20 bytes; interrupts: 3, lost: 0
`,
    exitCode: 0,
  },
  {
    wasm: 'mailbox/mailbox.wasm',
    scenario: 'mailbox/poll.yaml',
    output: `polling
10 ms: line 1
20 ms: line 1
30 ms: line 2
2 toggles
30 ms: line 3
`,
    exitCode: 0,
  },
  {
    wasm: 'primes/primes.wasm',
    scenario: 'primes/interrupt.yaml',
    output: '78498 primes below 1000000; interrupted 100 times\n',
    exitCode: 0,
  },
  {
    wasm: 'sigint-cleanup/sigint-cleanup.wasm',
    scenario: 'sigint-cleanup/interrupt.yaml',
    output: `interrupted before 24941; the longest so far starts at 23529 and has 282 steps
not saved: No such file or directory
`,
    exitCode: 130,
  },
  {
    wasm: 'itimer-profiler/itimer-profiler.wasm',
    scenario: 'itimer-profiler/profile.yaml',
    output: `17984 primes, median 2169551508, hash b8b7d315
sieving   26%
sorting   41%
hashing   33%
`,
    exitCode: 0,
  },
  {
    wasm: 'rt-queue/rt-queue.wasm',
    scenario: 'rt-queue/orders.yaml',
    output: `open
urgent order 3
normal order 1
normal order 2
normal order 7
urgent order 8
urgent order 8
normal order 0
7 orders, 1 reminder
`,
    exitCode: 0,
  },
  {
    wasm: 'nested-priorities/nested-priorities.wasm',
    scenario: 'nested-priorities/right.yaml',
    output: 'ready\norder: LSAaslAa\nalarms: 2, torn: 0\n',
    exitCode: 0,
  },
  {
    wasm: 'nested-priorities/nested-priorities.wasm',
    scenario: 'nested-priorities/forgotten-mask.yaml',
    output: 'ready\norder: LSAasl\nalarms: 1, torn: 1\n',
    exitCode: 1,
  },
  {
    wasm: 'watchdog/watchdog.wasm',
    scenario: 'watchdog/right.yaml',
    output: 'boot 1\nfed 20 times\n',
    exitCode: 0,
  },
  {
    wasm: 'watchdog/watchdog.wasm',
    scenario: 'watchdog/forgotten-mask.yaml',
    output: 'boot 1\nboot 2, after the watchdog\nboot 3, after the watchdog\nboot 4, after the watchdog\n',
    exitCode: 1,
  },
  { wasm: 'adc-sampler/adc-sampler.wasm', scenario: 'adc-sampler/right.yaml', output: SAMPLED, exitCode: 0 },
  {
    wasm: 'adc-sampler/adc-sampler.wasm',
    scenario: 'adc-sampler/forgotten-mask.yaml',
    output: SAMPLED.replace(/block 11.*\n.*\n$/, 'took 11 of 12 blocks\n'),
    exitCode: 1,
  },
];

function play({ wasm, scenario: path }: Sample) {
  const decoder = new TextDecoder();
  const scenario = parseScenario(decoder.decode(fixture(`firmware-samples/${path}`)), path);
  let output = '';
  const machine = Machine.load(fixture(`firmware-samples/${wasm}`), {
    ...machineOptions(scenario.machine),
    timeout: '20s',
    onOutput: (_stream, bytes) => {
      output += decoder.decode(bytes);
    },
  });
  const player = new ScenarioPlayer(machine, scenario);
  const result = machine.run(player.script);
  return { output, result, verdict: player.verdict };
}

for (const sample of SAMPLES) {
  test(`${sample.wasm} does under ${sample.scenario} what it says`, (t) => {
    const { output, result, verdict } = play(sample);
    t.is(output, sample.output);
    t.is(result.exitCode, sample.exitCode);
    t.deepEqual(result.warnings, []);
    t.deepEqual(verdict.failures, []);
    t.is(verdict.stepsTaken, verdict.stepsTotal);
  });

  test(`${sample.wasm} under ${sample.scenario} does the same at the same times again`, (t) => {
    t.deepEqual(play(sample), play(sample));
  });
}

test('uart-echo loses nothing when bytes come faster than it reads, as long as its buffer lasts', (t) => {
  const machine = Machine.load(fixture('firmware-samples/uart-echo/uart-echo.wasm'), { timeout: '1s' });
  const result = machine.run(function* () {
    yield machine.untilSerial('ready\n', { timeout: '10ms' });
    machine.writeSerial('x'.repeat(60));
    yield machine.untilSerial('x'.repeat(60), { timeout: '10ms' });
    machine.writeSerial('y'.repeat(100));
    yield machine.untilSerial('y'.repeat(64), { timeout: '10ms' });
    machine.writeSerial(new Uint8Array([4]));
    yield machine.untilSerial('124 bytes; interrupts: 3, lost: 36\n', { timeout: '10ms' });
    yield machine.untilEnd({ timeout: '10ms' });
  });
  t.is(result.exitCode, 0);
  t.is(result.handlerStack?.origin, 'declared');
});

test('mailbox serves interrupts that come together in one round', (t) => {
  const machine = Machine.load(fixture('firmware-samples/mailbox/mailbox.wasm'), { timeout: '1s' });
  for (const line of [3, 2, 1]) machine.raise(line, '5ms');
  let output = '';
  machine.onEvent(({ kind, details }) => {
    if (kind === 'uart-tx') output += details.text;
  });
  const result = machine.run();
  t.is(result.exitCode, 0);
  t.is(output, 'polling\n5 ms: line 1\n5 ms: line 2\n5 ms: line 3\n1 toggles\n');
  t.is(machine.delivered(3), 1);
});

test('primes comes to the right result however often it is interrupted', (t) => {
  let output = '';
  const machine = Machine.load(fixture('firmware-samples/primes/primes.wasm'), {
    timeout: '20s',
    onOutput: (_stream, bytes) => {
      output += new TextDecoder().decode(bytes);
    },
  });
  machine.at('10us', () => machine.raise(7), { every: '10us' });
  const result = machine.run();
  t.is(result.exitCode, 0);
  const [primes, interrupts] = output.match(/\d+(?= primes)|\d+(?= times)/g)!.map(Number);
  t.is(primes, 78498);
  t.true(interrupts! > 100_000, output);
  t.true(interrupts! <= machine.delivered(7), output);
});
