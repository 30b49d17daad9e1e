/** How each sample is run under its scenario, in firmware-samples; and where the digests of these runs are written down. */
import { join } from 'node:path';
import { root } from '../support/root.ts';

export const DIGESTS = join(root, 'tests/cli/digests.json');

export const RUNS: Readonly<Record<string, readonly string[]>> = {
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
