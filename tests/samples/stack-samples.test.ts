/** The samples that stand on tasks, stacks and promises, under their scenarios on every backend: the same, to the letter. */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { machineOptions } from '../../src/scenario/machine-section.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ScenarioPlayer } from '../../src/scenario/player.ts';
import type { BackendName } from '../../src/stacks/backend.ts';
import { RunDigest } from '../../src/trace/digest.ts';
import { asyncify, PARKING } from '../stacks/machines.ts';
import { fixture, root } from '../support/root.ts';

interface Sample {
  readonly name: string;
  readonly scenario: string;
  readonly output: string;
  /** What its first comment says that it needs. */
  readonly needs: string;
  readonly host?: string;
}

const PRIMES = '2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 \n';

const SAMPLES: readonly Sample[] = [
  {
    name: 'generators/generators.c',
    scenario: 'generators/generators.yaml',
    output: `0 1 1 2 3 5 8 13 21 34 
same values in trees of other shapes: yes
and with one value changed: no
`,
    needs: 'wirq/stack',
  },
  {
    name: 'generators/generators-as.ts',
    scenario: 'generators/generators-as.yaml',
    output: 'abc acb bac bca cba cab \n5 12 24 36 52 68 84 100 \n',
    needs: 'wirq/stack',
  },
  {
    name: 'goroutines/goroutines.c',
    scenario: 'goroutines/goroutines.yaml',
    output: `${PRIMES}${[36, 27, 18, 35, 24, 13, 21, 32]
      .map((each) => `worker ${Math.floor(each / 10)} did job ${each % 10}\n`)
      .join('')}`,
    needs: 'wirq/task',
  },
  {
    name: 'goroutines/goroutines-as.ts',
    scenario: 'goroutines/goroutines-as.yaml',
    output: PRIMES,
    needs: 'wirq/task',
  },
  {
    name: 'preemptive-tasks/preemptive-tasks.c',
    scenario: 'preemptive-tasks/alarm.yaml',
    output: `ready
alarm 1 after 3 ticks: waited 2 ms for the display
alarm 2 after 8 ticks: waited 3 ms for the display
alarm 3 after 14 ticks: waited 0 ms for the display
equals had equal shares: yes
`,
    needs: 'wirq/task',
  },
  {
    name: 'fetch-sync/fetch-sync.c',
    scenario: 'fetch-sync/fetch.yaml',
    output: `fetching
19 bytes: hello from the host
no such place: -1
first page, second page; 5 toggles meanwhile
`,
    needs: 'http.get',
    host: 'fetch-sync/functions.js',
  },
];

async function hostOf({ host }: Sample): Promise<Pick<MachineOptions, 'imports'>> {
  if (host === undefined) return {};
  return { imports: (await import(pathToFileURL(`${root}/firmware-samples/${host}`).href)).default };
}

async function play(sample: Sample, stacks: BackendName) {
  const decoder = new TextDecoder();
  const scenario = parseScenario(decoder.decode(fixture(`firmware-samples/${sample.scenario}`)), sample.scenario);
  const digest = new RunDigest();
  let output = '';
  const machine = Machine.load(fixture(`firmware-samples/${sample.name.replace(/\.\w+$/, '.wasm')}`), {
    ...machineOptions(scenario.machine),
    ...(await hostOf(sample)),
    stacks,
    asyncify,
    timeout: '2s',
    onOutput: (stream, bytes) => {
      output += decoder.decode(bytes);
      digest.output(stream, bytes);
    },
  });
  machine.onEvent(digest.listener);
  const player = new ScenarioPlayer(machine, scenario);
  const result = await machine.runAsync(player.script);
  return { output, result, verdict: player.verdict, digest: digest.hex() };
}

/** The other samples, which need no stacks of their own: a scenario each, for the module that is called like its folder. */
const OTHERS = readdirSync(`${root}/firmware-samples`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && !SAMPLES.some((each) => each.scenario === path))
  .map((scenario) => ({ scenario, name: `${dirname(scenario)}/${dirname(scenario)}.wasm`, output: '', needs: '' }));

for (const sample of OTHERS) {
  test(`${sample.scenario}: the same digest on nested stacks and on every other kind`, async (t) => {
    const digests: string[] = [];
    for (const stacks of ['nested', ...PARKING] as const) digests.push((await play(sample, stacks)).digest);
    t.is(new Set(digests).size, 1, digests.join());
  });
}

test('there are samples of both kinds', (t) => {
  t.true(OTHERS.length >= 13, OTHERS.map((each) => each.scenario).join());
});

for (const sample of SAMPLES) {
  const digests: string[] = [];
  for (const stacks of PARKING) {
    test.serial(`${stacks}: ${sample.name} does under its scenario what it says`, async (t) => {
      const { output, result, verdict, digest } = await play(sample, stacks);
      t.is(output, sample.output);
      t.is(result.exitCode, 0);
      t.deepEqual(result.warnings, []);
      t.deepEqual(verdict.failures, []);
      t.is(verdict.stepsTaken, verdict.stepsTotal);
      digests.push(digest);
    });
  }

  test.serial(`${sample.name}: the same digest on every backend`, (t) => {
    t.is(digests.length, PARKING.length);
    t.is(new Set(digests).size, 1, digests.join());
  });

  test(`${sample.name} says in its first comment what it needs`, (t) => {
    const first = new TextDecoder().decode(fixture(`firmware-samples/${sample.name}`)).split('\n')[0]!;
    t.regex(first, /^\/\/ Needs /);
    t.true(first.includes(`\`${sample.needs}\``), first);
    const imports = WebAssembly.Module.imports(
      new WebAssembly.Module(fixture(`firmware-samples/${sample.name.replace(/\.\w+$/, '.wasm')}`)),
    );
    t.true(imports.some((each) => each.module === sample.needs || `${each.module}.${each.name}` === sample.needs));
  });
}
