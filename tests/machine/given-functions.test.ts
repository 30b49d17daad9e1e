/** Host functions that a user gives: what is refused when they are given, and answers that are not of the guest's types. */
import test from 'ava';
import type { GivenModules } from '../../src/guests/interface.ts';
import { Machine } from '../../src/machine/machine.ts';
import { asyncify } from '../stacks/machines.ts';
import { wat } from '../support/wat.ts';

const takes = (type: string) =>
  wat(`(module (import "env" "f" (func $f (result ${type}))) (memory (export "memory") 1)
    (func (export "main") (result ${type}) (call $f)))`);

function load(type: string, f: unknown): Machine {
  return Machine.load(takes(type), { invoke: 'main', asyncify, imports: { env: { f } } as GivenModules });
}

for (const [what, f, message] of [
  ['no function', 5, /env\.f is neither a function nor \{call\}/],
  ['no call', { signature: '>i' }, /env\.f is neither a function nor \{call\}/],
  ['an unknown key', { signature: '>i', cal: 1, call: () => 0 }, /env\.f: there is no cal/],
  ['an unknown key of async', { async: { latency: 5 }, call: () => 0 }, /env\.f: async: there is no latency/],
  ['a latency below 0', { async: { latency_ns: -5 }, call: () => 0 }, /-5 is no latency/],
  ['a text for rejections', { async: { rejected: 'no' }, call: () => 0 }, /rejected is neither a number/],
] as const) {
  test(`${what} is refused when it is given`, (t) => {
    t.throws(() => load('i32', f), { code: 'bad-argument', message });
  });
}

test('a module of functions that is none is refused', (t) => {
  const imports = { env: 3 } as unknown as GivenModules;
  t.throws(() => Machine.load(takes('i32'), { imports }), { code: 'bad-argument', message: /env is no object/ });
});

for (const [type, value, message] of [
  ['i32', 5n, 'gave the BigInt 5 for an i32'],
  ['f64', 5n, 'gave the BigInt 5 for an f64'],
  ['i64', 1.5, 'gave 1.5 for an i64'],
  ['i64', Number.NaN, 'gave NaN for an i64'],
] as const) {
  test(`${value} for an ${type} is a fault of the guest's run, told by the function's name`, async (t) => {
    for (const [who, f] of [
      ['env.f', () => value],
      ['the promise of env.f', async () => value],
    ] as const) {
      const { outcome, exitCode } = await load(type, f).runAsync();
      t.is(exitCode, 134);
      t.like(outcome, { kind: 'trap', message: `${who} ${message}` });
    }
  });
}

test('a whole number is taken for an i64, from a call as from a promise', async (t) => {
  t.deepEqual((await load('i64', () => 7).runAsync()).returned, [7n]);
  t.deepEqual((await load('i64', async () => -7).runAsync()).returned, [-7n]);
  t.deepEqual((await load('i64', () => 2n ** 40n).runAsync()).returned, [2n ** 40n]);
});
