/** A device of the user's own is as good as ours: the worked example of docs/devices.md, and what goes wrong with others. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { DeviceBoard, DeviceClass, DeviceOptions, UserDevice } from '../../src/machine/user-devices.ts';
import { cleanUp, folderWith, runMain } from '../support/cli.ts';
import { fixture } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { firmware, run, trapOf } from './firmware.ts';

test.after.always(cleanUp);

/** The example, out of the documentation. */
function example(): string {
  const text = new TextDecoder().decode(fixture('docs/devices.md'));
  return /```js\n(\/\/ thermometer\.mjs\n[\s\S]*?)```/.exec(text)![1]!;
}

function written(source = example(), name = 'thermometer.mjs'): string {
  const file = join(folderWith({}), name);
  writeFileSync(file, source);
  return file;
}

/** Sleeps; on line 7 it leaves the temperature at 16, counts at 20, and exits when it is 31.5. */
const FIRMWARE = `(module
  (import "wirq/irq" "wfi" (func $wfi)) (import "device/thermo" "read" (func $read (result f32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "IRQ7_Handler")
    (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20)) (i32.const 1)))
    (f32.store (i32.const 16) (call $read))
    (if (f32.eq (call $read) (f32.const 31.5)) (then (call $exit (i32.load (i32.const 20))))))
  (func (export "_start") (loop (call $wfi) (br 0))))`;

test('the worked example: plugged in by the library, controlled by a script, counted in the result', async (t) => {
  const { default: Thermometer } = (await import(pathToFileURL(written()).href)) as { default: DeviceClass };
  const options: MachineOptions = {
    devices: { thermo: Thermometer },
    deviceOptions: { thermo: { line: 'TEMPERATURE' } },
    irqs: { TEMPERATURE: 7 },
  };
  const { result } = run(FIRMWARE, options, (machine) => machine.control('thermo', 'temperature', 31.5, '35ms'));
  t.deepEqual(result.outcome, { kind: 'exit', code: 4 });
  t.is(Math.floor(result.time / 1e6), 40);
  t.deepEqual(result.devices.thermo, { measured: 4 });
  t.deepEqual(run(FIRMWARE, options, (m) => m.control('thermo', 'temperature', 31.5, '35ms')).result, result);
});

test('the same from the command line, with a scenario that names the device', async (t) => {
  const file = written();
  const folder = folderWith({});
  writeFileSync(join(folder, 'app.wasm'), wat(FIRMWARE));
  const scenario = `version: 1
machine: {devices: {thermo: {line: 7, period_ms: 1}}}
steps:
  - delay: 12ms
  - set-control: {part-id: thermo, control: temperature, value: 31.5}
  - expect-exit: 3
`;
  writeFileSync(join(folder, 's.yaml'), scenario);
  const args = ['--device', `thermo=${file},period_ms=5`, '--scenario', 's.yaml', '--json', 'app.wasm'];
  const { stdout, stderr, code } = await runMain(args, { cwd: folder });
  t.is(code, 3, stderr);
  t.like(JSON.parse(stdout), { verdict: 'passed', devices: { thermo: { measured: 3 } } });
  const without = await runMain(['--scenario', 's.yaml', 'app.wasm'], { cwd: folder });
  t.is(without.code, 2);
  t.regex(
    without.stderr,
    /there are options for a device thermo, but none is plugged in\n {2}plug it in: --device thermo=/,
  );
});

test('files that hold no device, and specifications that name none, are refused', async (t) => {
  const folder = folderWith({});
  writeFileSync(join(folder, 'app.wasm'), wat('(module)'));
  for (const [device, message] of [
    [join(folder, 'nothing.mjs'), /cannot read .*nothing\.mjs: there is no such file/],
    [written('export const a = 1;', 'plain.mjs'), /plain\.mjs exports no device/],
    [written('export default 5;', 'five.mjs'), /five\.mjs exports no device/],
    [written('syntax error', 'broken.mjs'), /broken\.mjs cannot be loaded: /],
    [
      written('export default class { constructor() { throw new Error("no sensor"); } }', 'bad.mjs'),
      /device bad: no sensor/,
    ],
    [`${written()},line=900`, /there is no interrupt line 900/],
    [`${written()},line`, /"line" is no option/],
    ['', /it names no file/],
  ] as const) {
    const { code, stderr } = await runMain(['--device', device, 'app.wasm'], { cwd: folder });
    t.regex(stderr, message);
    t.is(code, 2, device);
  }
  const twice = await runMain(['--device', written(), '--device', written(), 'app.wasm'], { cwd: folder });
  t.regex(twice.stderr, /two devices are called thermometer/);
  t.is(twice.code, 2);
});

test('a scenario finds its samples beside itself, and nowhere else', async (t) => {
  const app = `(module
    (import "wirq/board" "adc_read" (func $adc (param i32) (result i32)))
    (import "wirq/board" "timer_start" (func $start (param i32 i64 i32))) (import "wirq/irq" "wfi" (func $wfi))
    (memory (export "memory") 1) (func (export "IRQ16_Handler"))
    (func (export "main") (result i32)
      (call $start (i32.const 0) (i64.const 1500000) (i32.const 0)) (call $wfi) (call $adc (i32.const 0))))`;
  const scenario = (path: string) =>
    `version: 1\nmachine: {adc: {bits: 8, reference: 255V, channels: {A0: {file: {path: ${path}, rate: 1kHz}}}}}\n`;
  const folder = folderWith({
    'app.wasm': wat(app),
    's/here.yaml': scenario('data/volts.txt'),
    's/away.yaml': scenario('missing.txt'),
    's/data/volts.txt': '# a second and a half\n5V\n42V\n',
    'secret.txt': '9V\n',
  });
  symlinkSync(join(folder, 'secret.txt'), join(folder, 's/link.txt'));
  writeFileSync(join(folder, 's/link.yaml'), scenario('link.txt'));
  const code = async (name: string) => runMain(['--scenario', `s/${name}.yaml`, 'app.wasm'], { cwd: folder });
  t.is((await code('here')).code, 42);
  t.is((await code('away')).code, 2);
  const linked = await code('link');
  t.is(linked.code, 2);
  t.regex(linked.stderr, /it leads out of the folder/);
});

/** A device made of a few functions. */
function deviceOf(make: (board: DeviceBoard, options: DeviceOptions) => UserDevice): DeviceClass {
  return class {
    constructor(board: DeviceBoard, options: DeviceOptions) {
      // biome-ignore lint/correctness/noConstructorReturn: the object is the device
      return make(board, options);
    }
  } as DeviceClass;
}

const IDLE = '(module (memory 1) (func (export "IRQ7_Handler")))';

test('what a device throws ends the run and names it', (t) => {
  const failing = deviceOf((board) => {
    board.alarm(() => { throw new Error('lost its mind'); }).at(1000); // biome-ignore format: short
    return {};
  });
  const { result } = run(IDLE, { devices: { odd: failing } });
  t.is(trapOf(result), 'device odd: lost its mind');
  t.is(result.exitCode, 134);
  const calling = deviceOf(() => ({ imports: { f: { signature: '>', call: () => { throw new TypeError('no'); } } } })); // biome-ignore format: short
  const called = run('(module (import "device/odd" "f" (func $f)) (func (export "_start") (call $f)))', {
    devices: { odd: calling },
  });
  t.is(trapOf(called.result), 'device odd: no');
  const machine = firmware(IDLE, { devices: { odd: deviceOf(() => ({})) } });
  t.throws(() => machine.control('even', 'x', 1), { code: 'bad-argument', message: /no device even is plugged in/ });
  machine.control('odd', 'x', 1, '1ms');
  t.is(trapOf(machine.run()), 'device odd: it has no controls, and so no x');
});

test('an import of a device with another type is refused at load', (t) => {
  const device = deviceOf(() => ({ imports: { f: { signature: 'i>', call: () => {} } } }));
  t.throws(() => firmware('(module (import "device/d" "f" (func (result i32))))', { devices: { d: device } }), {
    code: 'missing-import',
    message: /device\/d\.f .*it has the type \(i32\) -> \(\)/,
  });
});

test('a device holds a line, drives pins, listens to ports, fills memory, and is told of resets', (t) => {
  const seen: unknown[] = [];
  const device = deviceOf((board) => {
    const line = board.line(7);
    board.uarts[1]!.onTransmit((bytes) => seen.push(['sent', ...bytes]));
    board.gpio.watch(board.pin('LED'), (level) => {
      seen.push(['LED', level]);
      board.hold(line, level === 1, 'lamp');
    });
    board
      .alarm(() => {
        board.memory(32, 1)!.set([77]);
        seen.push(board.memory(65536, 1));
        board.reset('pin');
      })
      .at(1_000_000);
    return { reset: (cause) => void seen.push(['reset', cause]) };
  });
  const source = `(module
    (import "wirq/board" "gpio_write" (func $write (param i32 i32)))
    (import "wirq/board" "uart_write" (func $send (param i32 i32 i32) (result i32)))
    (import "wirq/board" "reset_cause" (func $cause (result i32)))
    (import "wirq/irq" "wfi" (func $wfi)) (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
    (func (export "IRQ7_Handler") (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (if (i32.eq (global.get $n) (i32.const 3)) (then (call $write (i32.const 13) (i32.const 0)))))
    (func (export "_start")
      (if (i32.eq (call $cause) (i32.const 3)) (then (call $exit (i32.const 9))))
      (call $write (i32.const 13) (i32.const 1))
      (i32.store8 (i32.const 0) (global.get $n))
      (drop (call $send (i32.const 1) (i32.const 0) (i32.const 1)))
      (loop (call $wfi) (br 0))))`;
  const { result, machine } = run(source, { devices: { lamp: device }, pins: { LED: 13 } });
  t.is(result.exitCode, 9);
  t.deepEqual(seen, [['LED', 1], ['LED', 0], ['sent', 3], undefined, ['reset', 'pin']]);
  t.is(machine.delivered(7), 3, 'a line that is held pends again when its handler returns');
});

test('a level that goes by mailbox asks again when the guest says that it is done', (t) => {
  const { result } = run(
    `(module
      (import "wirq/board" "gpio_write" (func $write (param i32 i32)))
      (memory (export "memory") 1) (global (export "wirq_mailbox") i32 (i32.const 0))
      (data (i32.const 0) "\\57\\49\\52\\51\\01\\00\\40\\00")
      (data (i32.const 12) "\\01") (data (i32.const 40) "\\04")
      (func $take (loop (br_if 0 (i32.eqz (i32.load (i32.const 8)))))
        (i32.store (i32.const 8) (i32.const 0)) (i32.store (i32.const 64) (i32.const 0)))
      (func (export "_start")
        (call $write (i32.const 4) (i32.const 1))
        (call $take)
        (i32.store (i32.const 72) (i32.const 1)) (i32.store (i32.const 76) (i32.const 3))
        (i32.store (i32.const 48) (i32.const 1)) (i32.store (i32.const 36) (i32.const 1))
        (call $take)))`,
    { pins: { KEY: 4 }, wires: [{ pin: 'KEY', line: 3, edge: 'high' }], timeout: '10ms' },
  );
  t.is(result.exitCode, 0);
  t.like(result.lines[0], { line: 3, raised: 2, delivered: 2 });
});
