/**
 * The samples under their scenarios, in a real time of the test's own, disturbed by interrupts, input, pins and signals at random:
 * each recording replays to the same digest, on the stacks it was recorded on and on others.
 */
import test, { type ExecutionContext } from 'ava';
import type { RealTime } from '../../src/clock/real-time.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { machineOptions } from '../../src/scenario/machine-section.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ScenarioPlayer } from '../../src/scenario/player.ts';
import type { BackendName } from '../../src/stacks/backend.ts';
import { asyncify, PARKING } from '../stacks/machines.ts';
import { fixture } from '../support/root.ts';
import { chance } from './chance.ts';
import { record, replay } from './recorded.ts';

const SAMPLES = [
  ['blinky', 'button.yaml'],
  ['uart-echo', 'echo.yaml'],
  ['mailbox', 'poll.yaml'],
  ['primes', 'interrupt.yaml'],
  ['itimer-profiler', 'profile.yaml'],
  ['rt-queue', 'orders.yaml'],
  ['nested-priorities', 'right.yaml'],
  ['watchdog', 'forgotten-mask.yaml'],
  ['adc-sampler', 'right.yaml'],
  ['generators', 'generators.yaml'],
  ['goroutines', 'goroutines.yaml'],
  ['preemptive-tasks', 'alarm.yaml'],
] as const;
/** Those with tasks or stacks: what one kind of stacks recorded, another repeats. */
const PARKS: readonly string[] = ['generators', 'goroutines', 'preemptive-tasks'];
const REPEATING: readonly BackendName[] = PARKING.filter((each) => each !== 'jspi');

/** Time that jumps about, in which something arrives now and then. */
function disturbed(seed: number, machine: () => Machine): RealTime {
  const any = chance(seed * 7919);
  let now = 0;
  let left = 30;
  return {
    ratio: [1, 0.5, 10][seed % 3],
    nowNs: () => {
      now += any(seed % 2 === 0 ? 900_000 : 60_000);
      return now;
    },
    rest: (ns = 1_000_000) => {
      now += Math.min(ns, any(2) === 0 ? ns : any(1_000_000));
    },
    outside: {
      get open() {
        return left > 0;
      },
      get rung() {
        return left > 0 && any(20) === 0;
      },
      take: () => {
        left--;
        disturb(machine(), any);
      },
    },
  };
}

function disturb(machine: Machine, any: (below: number) => number): void {
  const acts = [
    () => machine.raise(any(10)),
    () => machine.writeSerial('xyz'.slice(any(3))),
    () => machine.setPin(any(16), any(2) === 0 ? 0 : 1),
    () => machine.signal(any(2) === 0 ? 'SIGWINCH' : 'SIGCONT'),
    () => machine.raise(any(8), machine.now + any(1_000_000)),
    () => machine.console.clear(any(8)),
  ];
  acts[any(acts.length)]!();
}

async function repeats(
  t: ExecutionContext,
  [name, file]: (typeof SAMPLES)[number],
  stacks: BackendName | 'auto',
  seeds: readonly number[],
): Promise<void> {
  const bytes = fixture(`firmware-samples/${name}/${name}.wasm`);
  const text = new TextDecoder().decode(fixture(`firmware-samples/${name}/${file}`));
  const scenario = parseScenario(text, file);
  for (const seed of seeds) {
    let machine!: Machine;
    let player!: ScenarioPlayer;
    const realTime = disturbed(seed, () => machine);
    const options = { ...machineOptions(scenario.machine), realTime, stacks, asyncify, timeout: '400ms' };
    const recorded = await record(bytes, options, {
      prepare: (made) => {
        machine = made;
        player = new ScenarioPlayer(made, scenario);
      },
      script: () => player.script!,
    });
    const replayed = await replay(recorded.recording, { asyncify });
    t.is(replayed.digest, recorded.digest, `seed ${seed}`);
    t.deepEqual(replayed.result, recorded.result, `seed ${seed}`);
    for (const on of PARKS.includes(name) ? REPEATING : []) {
      const { digest } = await replay(recorded.recording, { asyncify, stacks: on });
      t.is(digest, recorded.digest, `seed ${seed}, on ${on}`);
    }
  }
}

for (const sample of SAMPLES) {
  for (const stacks of ['auto', 'asyncify'] as const) {
    test(`${sample[0]}, disturbed at random, on stacks by ${stacks}`, (t) => repeats(t, sample, stacks, [1, 2, 3, 4]));
  }
}

// An interrupt arrives between a call that is about to park its task, and that: its handler once parked instead.
for (const stacks of PARKING.filter((each) => each !== 'jspi')) {
  test(`what arrives before a task has parked comes when it has, on stacks by ${stacks}`, (t) =>
    repeats(t, ['nested-priorities', 'right.yaml'], stacks, [9]));
}
