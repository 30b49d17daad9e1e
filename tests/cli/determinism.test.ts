/**
 * Every sample under its scenario has the digest it had on whatever Node, system and processor it was written down.
 * As the whole test-suite runs on the oldest Node and on the newest, this proves that both give the same.
 * A change of what is charged, or of the samples, changes the digests: `WIRQ_BLESS=1 npx ava tests/cli/determinism.test.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, runMain } from '../support/cli.ts';
import { root } from '../support/root.ts';

const FILE = join(root, 'tests/cli/digests.json');
const BLESS = process.env.WIRQ_BLESS === '1';

const RUNS: Readonly<Record<string, readonly string[]>> = {
  blinky: ['--scenario', 'blinky/button.yaml', 'blinky/blinky.wasm'],
  'uart-echo': ['--scenario', 'uart-echo/echo.yaml', 'uart-echo/uart-echo.wasm'],
  mailbox: ['--scenario', 'mailbox/poll.yaml', 'mailbox/mailbox.wasm'],
  primes: ['--scenario', 'primes/interrupt.yaml', 'primes/primes.wasm'],
  'sigint-cleanup': ['--scenario', 'sigint-cleanup/interrupt.yaml', 'sigint-cleanup/sigint-cleanup.wasm'],
  'itimer-profiler': ['--scenario', 'itimer-profiler/profile.yaml', 'itimer-profiler/itimer-profiler.wasm'],
  'rt-queue': ['--scenario', 'rt-queue/orders.yaml', 'rt-queue/rt-queue.wasm'],
  'nested-priorities': ['--scenario', 'nested-priorities/right.yaml', 'nested-priorities/nested-priorities.wasm'],
  'nested-priorities, forgotten mask': [
    '--scenario',
    'nested-priorities/forgotten-mask.yaml',
    'nested-priorities/nested-priorities.wasm',
  ],
  watchdog: ['--scenario', 'watchdog/right.yaml', 'watchdog/watchdog.wasm'],
  'watchdog, forgotten mask': ['--scenario', 'watchdog/forgotten-mask.yaml', 'watchdog/watchdog.wasm'],
  'adc-sampler': ['--scenario', 'adc-sampler/right.yaml', 'adc-sampler/adc-sampler.wasm'],
  'adc-sampler, forgotten mask': ['--scenario', 'adc-sampler/forgotten-mask.yaml', 'adc-sampler/adc-sampler.wasm'],
  generators: ['--scenario', 'generators/generators.yaml', 'generators/generators.wasm'],
  'generators in AssemblyScript': ['--scenario', 'generators/generators-as.yaml', 'generators/generators-as.wasm'],
  goroutines: ['--scenario', 'goroutines/goroutines.yaml', 'goroutines/goroutines.wasm'],
  'goroutines in AssemblyScript': ['--scenario', 'goroutines/goroutines-as.yaml', 'goroutines/goroutines-as.wasm'],
  'preemptive-tasks': ['--scenario', 'preemptive-tasks/alarm.yaml', 'preemptive-tasks/preemptive-tasks.wasm'],
  'fetch-sync': [
    '--host',
    'fetch-sync/functions.js',
    '--scenario',
    'fetch-sync/fetch.yaml',
    'fetch-sync/fetch-sync.wasm',
  ],
  'primes, interrupted often': ['--irq', '7@every:100us', '--seed', '7', 'primes/primes.wasm'],
};

const found: Record<string, string> = {};

test.after.always(cleanUp);
test.after('digests are written down when asked for', (t) => {
  if (BLESS) writeFileSync(FILE, `${JSON.stringify(found, undefined, 2)}\n`);
  t.pass();
});

for (const [name, args] of Object.entries(RUNS)) {
  test(`${name} runs everywhere as it ran here`, async (t) => {
    const digest = async () => {
      const { stdout, stderr } = await runMain(['--digest', ...args], { cwd: join(root, 'firmware-samples') });
      return /^digest: sha256:([0-9a-f]{64})$/m.exec(stdout)?.[1] ?? `none: ${stderr}`;
    };
    const first = await digest();
    t.is(await digest(), first, 'and again');
    t.regex(first, /^[0-9a-f]{64}$/);
    found[name] = first;
    const expected = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;
    if (!BLESS)
      t.is(first, expected[name] ?? 'none written down', 'the event log or output differs; see the head of this file');
  });
}
