/** Host functions that answer with promises, on every backend: values, rejections, turns of others, and refusals. */
import test from 'ava';
import type { GivenModules } from '../../src/guests/interface.ts';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';
import { asyncify, module, PARKING, run } from './machines.ts';

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const IMPORTS = `(import "host" "get" (func $get (param i32) (result i32)))
  (import "host" "wide" (func $wide (param i64) (result i64)))`;
const SIGNATURES = { get: 'i>i', wide: 'I>I' };

function hosted(get: (n: number) => unknown, async: object = {}): GivenModules {
  return {
    host: {
      get: { signature: SIGNATURES.get, async, call: get },
      wide: { signature: SIGNATURES.wide, async, call: async (n: bigint) => n + 1n },
    },
  };
}

const plain = (body: string) =>
  `(module ${IMPORTS} (memory (export "memory") 1)
    (func $say (param i32)
      (i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 4)))
      (i32.store (i32.add (i32.const 2048) (i32.load (i32.const 2048))) (local.get 0)))
    (func (export "_start") ${body}))`;

for (const stacks of PARKING) {
  const go = async (text: string, imports: GivenModules) => {
    const machine = Machine.load(wat(text), { hz: '1GHz', stacks, asyncify, imports });
    const events: string[] = [];
    machine.onEvent((event) => events.push(`${event.time} ${[event.kind, ...Object.values(event.details)].join(' ')}`));
    const result = await machine.runAsync();
    const at = (address: number) => new DataView(machine.readMemory(address, 4).buffer).getInt32(0, true);
    return { result, events, said: Array.from({ length: at(2048) / 4 }, (_, k) => at(2052 + k * 4)) };
  };

  test(`${stacks}: a promise is answered as a call is`, async (t) => {
    const imports = hosted(async (n) => {
      await later(5);
      return n * 2;
    });
    const { said, result, events } = await go(plain('(call $say (call $get (i32.const 21)))'), imports);
    t.deepEqual(said, [42]);
    t.is(result.exitCode, 0);
    t.true(events.some((each) => /await host.get 1$/.test(each)));
    t.is(
      Number(events.find((each) => /settle/.test(each))!.split(' ')[0]) -
        Number(events.find((each) => /await/.test(each))!.split(' ')[0]),
      1e6,
    );
  });

  test(`${stacks}: 64-bit values, and one that settled at once`, async (t) => {
    const { said } = await go(
      plain('(call $say (i32.wrap_i64 (call $wide (i64.const 6))))'),
      hosted(async (n) => n),
    );
    t.deepEqual(said, [7]);
  });

  test(`${stacks}: a rejection is an error code where that is declared, and else ends the run`, async (t) => {
    const reject = async () => {
      throw new Error('no such thing');
    };
    const text = plain('(call $say (call $get (i32.const 1)))');
    t.deepEqual((await go(text, hosted(reject, { rejected: -5 }))).said, [-5]);
    t.deepEqual((await go(text, hosted(reject, { rejected: (reason: Error) => reason.message.length }))).said, [13]);
    const { result } = await go(text, hosted(reject));
    t.is(result.outcome.kind, 'trap');
    t.regex('message' in result.outcome ? String(result.outcome.message) : '', /host.get was rejected: no such thing/);
  });

  test(`${stacks}: what is no number is refused`, async (t) => {
    const { result } = await go(
      plain('(call $say (call $get (i32.const 1)))'),
      hosted(async () => 'text'),
    );
    t.regex('message' in result.outcome ? String(result.outcome.message) : '', /gave a string/);
  });
}

test('others run while one task waits, the same on every backend', async (t) => {
  const text = module(`(table funcref (elem $t))
    (func $t (param i32) (call $say (call $get (local.get 0))))
    (func (export "_start") (local $a i32)
      (local.set $a (call $task.spawn (i32.const 0) (i32.const 1) (i32.const 100)))
      (drop (call $task.spawn (i32.const 0) (i32.const 2) (i32.const 100)))
      (call $say (i32.const 0))
      (drop (call $task.join (local.get $a))))`).replace('(module', `(module ${IMPORTS}`);
  const logs: (readonly string[])[] = [];
  for (const stacks of PARKING) {
    let open = 0;
    let most = 0;
    const imports = hosted(async (n) => {
      most = Math.max(most, ++open);
      await later(n === 1 ? 20 : 1);
      open--;
      return n;
    });
    const ran = await run(stacks, text, { imports });
    t.deepEqual(ran.said, [0, 1]);
    t.is(most, 2);
    logs.push(ran.log);
  }
  t.true(logs.length > 0);
  for (const log of logs) t.deepEqual(log, logs[0]);
});

test('a run that may not wait says what to do instead', async (t) => {
  const imports = hosted(async (n) => n);
  const machine = Machine.load(wat(plain('(drop (call $get (i32.const 1)))')), {
    stacks: 'asyncify',
    asyncify,
    imports,
  });
  t.throws(() => machine.run(), { message: /has to wait for JavaScript promises/ });
  t.throws(() => Machine.load(wat(plain('')), { stacks: 'nested', imports }), { message: /nothing parks on them/ });
});

test('a promise from a function that was not said to give one is refused by name', async (t) => {
  const machine = Machine.load(wat(plain('(drop (call $get (i32.const 1)))')), {
    imports: { host: { get: { call: () => Promise.resolve(1) }, wide: { call: () => 0n } } },
  });
  const { outcome } = machine.run();
  t.regex('message' in outcome ? String(outcome.message) : '', /host.get answered with a promise; declare it/);
});
