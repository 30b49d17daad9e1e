/**
 * The benchmark kernels, which clang made, compute the same in the machine as unmodified: with no interrupt, with one,
 * and with one every 100 instructions into their empty handler; and so does the sample that knows nothing of wirq.
 */
import test from 'ava';
import { kernelBytes, kernels } from '../../bench/kernels.ts';
import type { Duration } from '../../src/clock/instant.ts';
import { Machine } from '../../src/machine/machine.ts';
import { fixture, root } from '../support/root.ts';

/** At this rate 100 instructions take 100 ns. */
const HZ = 1e9;
const EVERY_100 = { kind: 'every', period: 100 as Duration } as const;

for (const kernel of kernels) {
  test(`${kernel.name} does not notice interrupts`, (t) => {
    const bytes = kernelBytes(root, kernel);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const expected = (instance.exports.run as (n: number) => number)(1);
    const inMachine = (interrupt: (machine: Machine) => void) => {
      const machine = Machine.load(bytes, { invoke: 'run', args: ['1'], hz: HZ });
      interrupt(machine);
      const result = machine.run();
      t.is(result.exitCode, 0);
      t.is(result.returned[0], expected);
      return { result, delivered: machine.delivered(0) };
    };
    const { result } = inMachine(() => {});
    const middle = Math.floor(result.instructions / 2);
    t.is(inMachine((machine) => machine.raise(0, { kind: 'instruction', count: middle })).delivered, 1);
    const storm = inMachine((machine) => machine.raise(0, EVERY_100));
    t.true(storm.delivered > 0 || result.instructions < 10_000, `${storm.delivered} of ${result.instructions / 100}`);
  });
}

test('a WASI program prints the same primes however often it is interrupted', (t) => {
  const printed = (interrupt: (machine: Machine) => void) => {
    let text = '';
    const machine = Machine.load(fixture('firmware-samples/primes/primes.wasm'), {
      hz: HZ,
      onOutput: (_stream, chunk) => {
        text += new TextDecoder().decode(chunk);
      },
    });
    interrupt(machine);
    t.is(machine.run().exitCode, 0);
    return { text, delivered: machine.delivered(7) };
  };
  t.regex(printed(() => {}).text, /^78498 primes below 1000000; interrupted 0 times\n/);
  t.regex(printed((machine) => machine.raise(7, '1ms')).text, /^78498 primes below 1000000; interrupted 1 times?\n/);
  const storm = printed((machine) => machine.raise(7, EVERY_100));
  const counted = /^78498 primes below 1000000; interrupted (\d+) times\n/.exec(storm.text);
  t.not(counted, null, storm.text);
  // Those that come while it prints and ends are no longer counted.
  t.true(Number(counted?.[1]) > 100_000 && Number(counted?.[1]) <= storm.delivered, storm.text);
});
