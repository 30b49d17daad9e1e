/** What a module imports is provided, made to measure, or refused by name; what it is called cannot do harm. */
import test from 'ava';
import { providerOf } from '../../src/machine/linker.ts';
import { Machine } from '../../src/machine/machine.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { wat } from '../support/wat.ts';
import { firmware, run, trapOf } from './firmware.ts';

test('all missing imports are named in one message, with what is wrong', (t) => {
  const source = `(module
    (import "env" "gone" (func (param i32 f64) (result i64)))
    (import "wirq/irq" "nothing" (func))
    (import "wirq/irq" "enable" (func (param i64)))
    (import "env" "g" (global i32))
    (import "env" "t" (table 1 externref))
    (import "env" "memory" (memory 1)))`;
  const error = t.throws(() => firmware(source), { code: 'missing-import' });
  t.regex(error!.message, /env\.gone \(func .*i32.*f64.*i64/);
  t.regex(error!.message, /wirq\/irq\.nothing \(func/);
  t.regex(error!.message, /wirq\/irq\.enable .*it has the type \(i32\) -> \(\), not/);
  t.regex(error!.message, /env\.g \(global\)/);
  t.regex(error!.message, /env\.t \(table\)/);
  t.notRegex(error!.message, /env\.memory/);
});

test('memories and tables of any name are made to measure', (t) => {
  const { result, u32 } = run(`(module (import "any" "thing" (memory 2 5)) (import "other" "one" (table 3 7 funcref))
    (export "memory" (memory 0)) (elem (i32.const 2) $f) (func $f (i32.store (i32.const 8) (i32.const 77)))
    (func (export "_start") (call_indirect (i32.const 2))
      (i32.store (i32.const 0) (i32.add (i32.mul (memory.size) (i32.const 100)) (memory.grow (i32.const 3))))
      (i32.store (i32.const 4) (memory.grow (i32.const 1)))))`);
  t.is(result.exitCode, 0);
  t.deepEqual([u32(0), u32(4) | 0, u32(8)], [202, -1, 77]);
});

test('tags of any name are made to measure', (t) => {
  const { result, u32 } = run(`(module (import "any" "oops" (tag $oops (param i32 i64))) (memory (export "memory") 1)
    (func $f (throw $oops (i32.const 5) (i64.const 6)))
    (func (export "_start") (local $n i32) (local $wide i64)
      (try (do (call $f)) (catch $oops (local.set $wide) (local.set $n)))
      (i32.store (i32.const 0) (i32.add (local.get $n) (i32.wrap_i64 (local.get $wide))))))`);
  t.is(result.exitCode, 0);
  t.is(u32(0), 11);
});

/** Turns the flags of the one memory of 1 to 2 pages into those of a shared one, which the assembler does not write. */
function shared(bytes: Uint8Array): Uint8Array {
  const at = bytes.findIndex(
    (byte, i) => byte === 1 && bytes[i + 1] === 1 && bytes[i + 2] === 2 && (bytes[i - 1] === 2 || bytes[i - 1] === 1),
  );
  return bytes.with(at, 3);
}

test('shared memory, imported or own, can be written to by devices and mailbox', (t) => {
  for (const imported of [true, false]) {
    const memory = (here: boolean) =>
      here ? (imported ? '(import "env" "memory" (memory 1 2))' : '(memory 1 2)') : '';
    const bytes = shared(
      wat(`(module ${memory(imported)} (import "wirq/mailbox" "open" (func $open (param i32 i32) (result i32)))
        (import "wirq/irq" "wfi" (func $wfi)) ${memory(!imported)}
        (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
        (func (export "_start") (drop (call $open (i32.const 1024) (i32.const 1024))) (drop (memory.grow (i32.const 1))) (call $wfi)))`),
    );
    const machine = Machine.load(bytes);
    machine.raise(4, '1ms');
    machine.raise(3, '2ms');
    t.is(machine.run().exitCode, 0);
    t.deepEqual([machine.readMemory(0, 1)[0], machine.readMemory(1024 + 64, 1)[0]], [1, 1 << 4]);
    t.true(machine.module.memories[0]!.limits.shared);
  }
});

test('names that mean something to JavaScript are names like others', (t) => {
  const harmless = run(
    `(module (import "__proto__" "polluted" (memory 1)) (import "constructor" "__proto__" (table 1 funcref)) (func (export "_start")))`,
  );
  t.is(harmless.result.exitCode, 0);
  t.false('polluted' in {});
  for (const [module, name] of [
    ['__proto__', 'toString'],
    ['wirq/irq', 'toString'],
    ['wirq/irq', '__proto__'],
    ['constructor', 'prototype'],
  ]) {
    t.throws(() => firmware(`(module (import "${module}" "${name}" (func)))`), { code: 'missing-import' });
  }
});

test('a module that wants more than there is, is refused in words', (t) => {
  for (const source of [
    '(module (import "a" "b" (table 4000000000 funcref)))',
    '(module (table 4000000000 funcref))',
  ]) {
    const error = t.throws(() => run(source));
    t.is(error?.name, 'WirqError', `${error}`);
  }
});

test('data and elements that lie outside are refused when the machine starts', (t) => {
  for (const source of [
    '(module (memory 1) (data (i32.const 65536) "x"))',
    '(module (table 1 funcref) (elem (i32.const 1) $f) (func $f))',
  ]) {
    t.throws(() => run(source), { code: 'bad-module', message: /cannot be instantiated/ });
  }
});

test("imports of the user win over wirq's own, function by function", (t) => {
  const calls: number[] = [];
  const { result } = run(
    `(module (import "wirq/irq" "enable" (func $enable (param i32))) (import "wirq/irq" "is_enabled" (func $is (param i32) (result i32)))
      (import "mine" "three" (func $three (param i32 i64 f32) (result f64)))
      (func (export "main") (result i32) (call $enable (i32.const 5)) (drop (call $three (i32.const 1) (i64.const 2) (f32.const 3))) (call $is (i32.const 5))))`,
    {
      imports: {
        'wirq/irq': { enable: { signature: 'i>', call: (line: number) => void calls.push(line) } },
        mine: { three: { signature: 'iIf>F', call: (a: number, b: bigint, c: number) => calls.push(a, Number(b), c) } },
      },
    },
  );
  t.deepEqual(calls, [5, 1, 2, 3]);
  t.deepEqual(result.outcome, { kind: 'exit', code: 0 });
});

test('what an import of the user throws comes out of run as it is, whatever the guest catches', (t) => {
  for (const thrown of [new Error('mine'), 'text', new RangeError('odd')]) {
    const source = '(module (import "m" "f" (func $f)) (func (export "_start") (try (do (call $f)) (catch_all))))';
    const machine = firmware(source, {
      imports: {
        m: {
          f: {
            signature: '>',
            call: () => {
              throw thrown;
            },
          },
        },
      },
    });
    try {
      machine.run();
      t.fail('it was caught');
    } catch (error) {
      t.is(error, thrown);
    }
  }
});

test('a call out pends, and the interrupt is taken before it returns', (t) => {
  const order: string[] = [];
  const machine = firmware(
    `(module (import "m" "raise" (func $raise)) (import "m" "note" (func $note (param i32)))
      (func (export "IRQ3_Handler") (call $note (i32.const 3))) (func (export "_start") (call $raise) (call $note (i32.const 1))))`,
    {
      imports: {
        m: {
          raise: { signature: '>', call: () => machine.raise(3) },
          note: { signature: 'i>', call: (value: number) => void order.push(`${value}`) },
        },
      },
    },
  );
  machine.run();
  t.deepEqual(order, ['3', '1']);
});

test('who provides an import can be asked beforehand', (t) => {
  const module = parseModule(
    wat(
      '(module (import "a" "f" (func)) (import "a" "g" (func (param i32))) (import "b" "m" (memory 1)) (import "b" "t" (table 1 funcref)) (import "b" "e" (table 1 externref)) (import "c" "x" (global i32)))',
    ),
  );
  const providers = new Map([['a', { f: { signature: '>', call: () => {} }, g: { signature: '>', call: () => {} } }]]);
  const found = module.imports.map((each) => providerOf(module, each, providers));
  t.deepEqual(found, ['a', undefined, 'a memory made to measure', 'a table made to measure', undefined, undefined]);
});

test('calls of the board with what does not exist stop the machine, naming the call', (t) => {
  for (const [name, types, args, message] of [
    ['gpio_read', '(param i32) (result i32)', '(i32.const 256)', /gpio_read: there is no pin 256/],
    ['gpio_write', '(param i32 i32)', '(i32.const -1) (i32.const 0)', /gpio_write: there is no pin -1/],
    ['gpio_mode', '(param i32 i32)', '(i32.const 1) (i32.const 4)', /gpio_mode: 4 is not a mode/],
    [
      'uart_write',
      '(param i32 i32 i32) (result i32)',
      '(i32.const 4) (i32.const 0) (i32.const 1)',
      /there is no serial port 4/,
    ],
    [
      'uart_write',
      '(param i32 i32 i32) (result i32)',
      '(i32.const 0) (i32.const 65535) (i32.const 2)',
      /2 bytes at 0xffff do not lie in memory/,
    ],
    [
      'uart_read',
      '(param i32 i32 i32) (result i32)',
      '(i32.const 0) (i32.const 0) (i32.const -1)',
      /4294967295 bytes at 0x0 do not lie/,
    ],
    ['timer_start', '(param i32 i64 i32)', '(i32.const 16) (i64.const 5) (i32.const 0)', /there is no timer 16/],
    [
      'timer_start',
      '(param i32 i64 i32)',
      '(i32.const 1) (i64.const -5) (i32.const 0)',
      /a period of -5 ns is out of range/,
    ],
    ['timer_stop', '(param i32)', '(i32.const -1)', /there is no timer -1/],
    [
      'gpio_irq',
      '(param i32 i32 i32)',
      '(i32.const 1) (i32.const 240) (i32.const 1)',
      /there is no interrupt line 240/,
    ],
    ['gpio_irq', '(param i32 i32 i32)', '(i32.const 1) (i32.const -1) (i32.const 1)', /there is no interrupt line -1/],
    ['gpio_irq', '(param i32 i32 i32)', '(i32.const 1) (i32.const 3) (i32.const 6)', /gpio_irq: 6 is not a trigger/],
    ['uart_status', '(param i32) (result i32)', '(i32.const 4)', /uart_status: there is no serial port 4/],
    ['timer_elapsed', '(param i32) (result i64)', '(i32.const 16)', /timer_elapsed: there is no timer 16/],
    ['timer_captured', '(param i32) (result i64)', '(i32.const 16)', /timer_captured: there is no timer 16/],
    [
      'timer_capture',
      '(param i32 i32 i32)',
      '(i32.const 0) (i32.const 1) (i32.const 0)',
      /timer_capture: 0 is not an edge/,
    ],
    ['timer_capture', '(param i32 i32 i32)', '(i32.const 0) (i32.const 256) (i32.const 1)', /there is no pin 256/],
    ['adc_read', '(param i32) (result i32)', '(i32.const 16)', /adc_read: there is no analogue channel 16/],
    ['watchdog_start', '(param i64)', '(i64.const 0)', /watchdog_start: a timeout of 0 ns is out of range/],
    ['watchdog_feed', '', '', /watchdog_feed: the watchdog has not been started/],
    [
      'entropy_fill',
      '(param i32 i32)',
      '(i32.const 65535) (i32.const 2)',
      /entropy_fill: 2 bytes at 0xffff do not lie/,
    ],
    [
      'dma_copy',
      '(param i32 i32 i32 i32) (result i32)',
      '(i32.const 8) (i32.const 0) (i32.const 0) (i32.const 1)',
      /there is no DMA channel 8/,
    ],
    [
      'dma_copy',
      '(param i32 i32 i32 i32) (result i32)',
      '(i32.const 0) (i32.const 0) (i32.const 65535) (i32.const 2)',
      /dma_copy: 2 bytes at 0xffff do not lie/,
    ],
    [
      'dma_sample',
      '(param i32 i32 i32 i32 i32 i32) (result i32)',
      '(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 65534) (i32.const 2) (i32.const 0)',
      /dma_sample: 4 bytes at 0xfffe do not lie/,
    ],
    [
      'dma_sample',
      '(param i32 i32 i32 i32 i32 i32) (result i32)',
      '(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)',
      /dma_sample: 0 is not a number of samples/,
    ],
  ] as const) {
    const drop = types.includes('result') ? 'drop' : 'nop';
    const call = drop === 'drop' ? `(drop (call $f ${args}))` : `(call $f ${args})`;
    const { result } = run(
      `(module (import "wirq/board" "${name}" (func $f ${types})) (memory 1) (func (export "_start") ${call}))`,
    );
    t.regex(trapOf(result) ?? '', message);
    t.is(result.exitCode, 134);
  }
});
