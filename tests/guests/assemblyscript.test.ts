/** AssemblyScript by a real module (programs/as-everything.ts), instantiated through the loader on a fake machine. */
import test from 'ava';
import { createAssemblyScriptGuest } from '../../src/guests/assemblyscript.ts';
import {
  isAssemblyScript,
  isRuntimeFunction,
  isSafeForLoader,
  shapeOf,
} from '../../src/guests/assemblyscript-modules.ts';
import { fixture } from '../support/root.ts';
import { FakeServices, RunEnded } from '../support/services.ts';
import { wat } from '../support/wat.ts';

const everything = new WebAssembly.Module(fixture('tests/guests/programs/as-everything.wasm'));

function setUp(module = everything, seed = 1) {
  const services = new FakeServices({ seed });
  const guest = createAssemblyScriptGuest(services);
  const instance = guest.instantiate(module, { env: guest.imports.env as Record<string, WebAssembly.ImportValue> });
  services.guestMemory = instance.exports.memory as WebAssembly.Memory;
  const call = (name: string, ...values: number[]): number =>
    (instance.exports[name] as (...values: number[]) => number)(...values);
  return { services, guest, instance, call };
}

test('trace reaches the log and standard error readable, with as many values as it was given', (t) => {
  const { services, call } = setUp();
  call('traces');
  t.deepEqual(services.logged, [
    { kind: 'trace', details: { message: 'plain' } },
    { kind: 'trace', details: { message: 'values', values: '1, 2.5, -7' } },
    { kind: 'trace', details: { message: 'grün 🦊', values: '1, 2, 3, 4, 5' } },
  ]);
  t.is(services.text('stderr'), 'trace: plain\ntrace: values 1, 2.5, -7\ntrace: grün 🦊 1, 2, 3, 4, 5\n');
});

test('console writes to the stream that its level has', (t) => {
  const { services, call } = setUp();
  call('prints');
  t.is(services.text('stdout'), 'to stdout\n');
  t.is(services.text('stderr'), 'to stderr\nAssertion failed: shown\n');
  t.is(services.logged.length, 3);
});

test('a timer is known by its text and measures machine time', (t) => {
  const { services, call } = setUp();
  call('stopTimer');
  call('startTimer');
  services.time = 1_500_000;
  call('stopTimer');
  call('stopTimer');
  t.is(services.text('stdout'), 'cycle!: 1.5ms\n');
});

test('an uncaught error stops the run with its message and its place in the source', (t) => {
  const { call } = setUp();
  const failure = t.throws(() => call('fail'), { instanceOf: RunEnded });
  t.is(failure?.message, 'abort: out of cycles at tests/guests/programs/as-everything.ts:41:3');
  t.is(failure?.exitCode, 134);
});

test('process.exit is the machine’s', (t) => {
  const { call } = setUp();
  t.is(t.throws(() => call('leave', 7), { instanceOf: RunEnded })?.exitCode, 7);
});

test('clocks are the machine’s, in milliseconds', (t) => {
  const { services, call } = setUp();
  services.time = 2_500_000;
  t.is(call('uptime'), 2.5);
  t.is(new Date(call('today')).toISOString(), '2000-01-01T00:00:00.002Z');
});

test('Math.random follows the seed of the run', (t) => {
  const draw = (seed: number) => {
    const { call } = setUp(everything, seed);
    return [call('dice'), call('dice'), call('dice')];
  };
  t.deepEqual(draw(3), draw(3));
  t.notDeepEqual(draw(3), draw(4));
});

test('strings are read out of the guest', (t) => {
  const { guest, call } = setUp();
  t.is(guest.readString(call('name')), 'pump cycle');
  t.is(guest.readString(call('long', 0)), '');
  t.is(guest.readString(call('long', 5000))?.length, 5000);
});

test('what is no string reads as none', (t) => {
  const { guest, call } = setUp();
  for (const pointer of [0, 1, 4, -1, 2 ** 31, 0xffff_fff0, call('integers')]) {
    t.is(guest.readString(pointer), undefined, `at ${pointer}`);
  }
  t.is(guest.readString(call('long', 600_000)), undefined);
});

test('arrays are read out of the guest, whatever their elements', (t) => {
  const { guest, call } = setUp();
  t.deepEqual(guest.readArray(call('integers')), [3, -1, 4]);
  t.deepEqual(guest.readArray(call('bigs')), [0n, 2n ** 64n - 1n]);
  t.deepEqual(guest.readArray(call('fixed')), [0.5, 1.5]);
  t.deepEqual(
    guest.readArray(call('words'))?.map((pointer) => guest.readString(Number(pointer))),
    ['one', 'two'],
  );
  for (const pointer of [0, 3, -1, call('name')]) t.is(guest.readArray(pointer), undefined);
});

test('the loader changes nothing but its own copy of the imports', (t) => {
  const services = new FakeServices();
  const guest = createAssemblyScriptGuest(services);
  const env = { ...guest.imports.env } as Record<string, WebAssembly.ImportValue>;
  const names = Object.keys(env);
  const imports: WebAssembly.Imports = { env };
  guest.instantiate(everything, imports);
  t.deepEqual(Object.keys(imports), ['env']);
  t.deepEqual(Object.keys(env), names);
});

test('exports are the instance’s own functions', (t) => {
  const { instance } = setUp();
  t.true(instance instanceof WebAssembly.Instance);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  t.notThrows(() => table.set(0, instance.exports.name));
});

test('a module that imports what nobody has is a link error', (t) => {
  const module = new WebAssembly.Module(wat('(module (import "env" "nothing" (func)))'));
  t.throws(() => setUp(module), { instanceOf: WebAssembly.LinkError });
});

test('strings that arrive before the memory is known are said to be unreadable', (t) => {
  const module = new WebAssembly.Module(
    wat(`(module (import "env" "trace" (func $trace (param i32 i32 f64)))
      (memory (export "memory") 1)
      (func $start (call $trace (i32.const 64) (i32.const 1) (f64.const 5)))
      (start $start))`),
  );
  t.is(setUp(module).services.text('stderr'), 'trace: <unreadable> 5\n');
});

for (const name of [
  'constructor#toString',
  'a.constructor#x',
  'memory.grow',
  'memory.__proto__.x',
  'hasOwnProperty#x',
  'other.buffer',
  'a.prototype.x',
  '__getString',
  'get:__getString',
  '__new.__proto__.x',
]) {
  test(`an export named ${name} never reaches the loader`, (t) => {
    const module = new WebAssembly.Module(
      wat(`(module (memory $m 1) (export "memory" (memory $m)) (export "other" (memory $m))
        (func (export "${name}") (result i32) (i32.const 7)))`),
    );
    t.false(isSafeForLoader(WebAssembly.Module.exports(module)));
    const { instance, guest } = setUp(module);
    t.is(Object.keys(Object.prototype).length, 0);
    t.is(`${{}}`, '[object Object]');
    t.is((instance.exports.memory as WebAssembly.Memory).grow(1), 1);
    t.is(guest.readString(8), undefined);
  });
}

test('names as asc gives them do reach the loader', (t) => {
  const names = ['Counter#constructor', 'Counter#get:count', 'Counter#step', 'space.Pump#run', 'space.start', 'get:x'];
  t.true(isSafeForLoader([...names, '__new', '__setArgumentsLength'].map((name) => ({ name, kind: 'function' }))));
});

test('a module of AssemblyScript is recognised, one of C is not', (t) => {
  t.true(isAssemblyScript(shapeOf(everything)));
  const abort = (parameters?: number) => ({
    imports: [{ module: 'env', name: 'abort', kind: 'function', parameters }],
    exports: [],
  });
  t.true(isAssemblyScript(abort(4)));
  t.true(isAssemblyScript(abort()));
  t.false(isAssemblyScript(abort(0)));
  t.true(isAssemblyScript({ imports: [], exports: [], functionNames: ['main', '~lib/rt/stub/__alloc'] }));
  t.false(
    isAssemblyScript({
      imports: [{ module: 'wasi_snapshot_preview1', name: 'fd_write', kind: 'function' }],
      exports: [
        { name: 'memory', kind: 'memory' },
        { name: '_start', kind: 'function' },
      ],
      functionNames: ['_start', '__wasm_call_ctors', 'malloc'],
    }),
  );
});

test('the runtime’s functions are those of ~lib/rt', (t) => {
  t.true(isRuntimeFunction('~lib/rt/tlsf/allocateBlock'));
  t.true(isRuntimeFunction('~lib/rt/__newArray'));
  t.false(isRuntimeFunction('~lib/array/Array<i32>#push'));
  t.false(isRuntimeFunction('main'));
});
