/** Where a run begins, what it is given, what it returns, and its exit code. */
import test from 'ava';
import type { MachineOptions } from '../../src/machine/options.ts';
import { firmware, run } from './firmware.ts';

const note = (name: string, shape = '') =>
  `(func (export "${name}") ${shape} (i32.store (i32.load (i32.const 0)) (i32.const ${name.length})) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 4))))`;
const named = (...names: string[]) =>
  `(module (memory 1) (data (i32.const 0) "\\04") ${names.map((name) => note(name)).join('')})`;

function called(source: string, options: MachineOptions = {}): string[] {
  return run(source, options)
    .show('call')
    .map((each) => each.slice('call '.length));
}

test('a command begins at _start; a reactor at _initialize, then main or what was asked for', (t) => {
  t.deepEqual(called(named('_start')), ['_start']);
  t.deepEqual(called(named('_start', 'main', '_initialize')), ['_start']);
  t.deepEqual(called(named('_initialize', 'main')), ['_initialize', 'main']);
  t.deepEqual(called(named('_initialize', 'main', 'f'), { invoke: 'f' }), ['_initialize', 'f']);
  t.deepEqual(called(named('_initialize')), ['_initialize']);
  t.deepEqual(called('(module (start 0) (func) (func (export "main")))'), ['(start)', 'main']);
  t.deepEqual(called('(module)'), []);
});

test('what cannot be invoked is refused at load', (t) => {
  t.throws(() => firmware(named('_start', 'f'), { invoke: 'f' }), {
    code: 'bad-argument',
    message: /a command, which begins at _start/,
  });
  t.throws(() => firmware(named('f'), { invoke: 'g' }), { code: 'bad-argument', message: /exports no function g/ });
  t.throws(() => firmware('(module (global (export "g") i32 (i32.const 1)))', { invoke: 'g' }), {
    code: 'bad-argument',
  });
});

const ALL = `(module (func (export "f") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
  (local.get 3) (local.get 2) (local.get 1) (local.get 0)) (func (export "none")) (func (export "one") (param i32) (result i32) (local.get 0)))`;

test('arguments are converted to the types of the parameters, results come back as they are', (t) => {
  const returned = (...args: string[]) => run(ALL, { invoke: 'f', args }).result.returned;
  t.deepEqual(returned('-1', '9223372036854775807', '0.5', '-1e300'), [-1e300, 0.5, 9223372036854775807n, -1]);
  t.deepEqual(returned('0xffffffff', '-5', '-0', 'Infinity'), [Infinity, -0, -5n, -1]);
  t.deepEqual(returned('+7', '0x10', '1e3', '0x10'), [16, 1000, 16n, 7]);
  t.deepEqual(run(ALL, { invoke: 'none' }).result.returned, []);
});

test('arguments that do not fit are refused at load, before anything runs', (t) => {
  const refused = (invoke: string, args: readonly string[] | undefined, message: RegExp) =>
    t.throws(() => firmware(ALL, { invoke, ...(args === undefined ? {} : { args }) }), {
      code: 'bad-argument',
      message,
    });
  refused('f', ['1', '2', '3'], /f takes 4 arguments, not 3/);
  refused('one', undefined, /one takes 1 arguments, not 0/);
  refused('none', ['1'], /none takes 0 arguments, not 1/);
  for (const bad of ['', 'x', '1.5', '1e3', '0x', '--1', '1_000', ' '])
    refused('one', [bad], /is not an argument of type i32/);
  refused('f', ['1', '1.5', '1', '1'], /is not an argument of type i64/);
  refused('f', ['1', '1', 'x', '1'], /is not an argument of type f32/);
});

test('what is out of range for the parameter is refused', (t) => {
  const refused = (args: string[]) =>
    t.throws(
      () => firmware(ALL, { invoke: 'f', args }),
      { code: 'bad-argument', message: /is not an argument of type/ },
      args.join(),
    );
  refused(['4294967296', '1', '1', '1']);
  refused(['-2147483649', '1', '1', '1']);
  refused(['1', '18446744073709551616', '1', '1']);
  refused(['1', '-9223372036854775809', '1', '1']);
});

test('negative hexadecimal numbers are read as such', (t) => {
  t.deepEqual(run(ALL, { invoke: 'f', args: ['-0x10', '-0x10', '1', '1'] }).result.returned.slice(2), [-16n, -16]);
});

test('what an exported main returns is the exit code; what an invoked function returns is data', (t) => {
  const main = (body: string) => `(module (func (export "main") (param i32 i32) ${body}))`;
  t.deepEqual(run(main('(result i32) (i32.const 300)')).result.outcome, { kind: 'exit', code: 300 });
  t.is(run(main('(result i32) (i32.const 300)')).result.exitCode, 44);
  t.is(run(main('(result i32) (i32.const -1)')).result.exitCode, 255);
  t.is(run(main('(result i32) (local.get 0)')).result.exitCode, 0);
  t.is(run(main('(result i64) (i64.const 7)')).result.exitCode, 0);
  t.is(run(main('(result i32)(i32.const 9)'), { invoke: 'main', args: ['1', '2'] }).result.exitCode, 0);
  t.deepEqual(run(main('(result i32)(i32.const 9)'), { invoke: 'main', args: ['1', '2'] }).result.returned, [9]);
});

test('entries with parameters or results that no caller can give are refused, or called with nothing', (t) => {
  for (const name of ['main', '_start', '_initialize']) {
    for (const shape of [
      '(param i64)',
      '(param externref)',
      '(param funcref)',
      '(param f32 f64) (result i32 i64) (i32.const 0) (i64.const 0)',
      '(result externref) (ref.null extern)',
    ]) {
      t.is(run(`(module (func (export "${name}") ${shape}))`).result.exitCode, 0, `${name} ${shape}`);
    }
    for (const shape of ['(param v128)', '(result v128) (v128.const i64x2 0 0)']) {
      t.throws(() => run(`(module (func (export "${name}") ${shape}))`), { name: 'WirqError' }, `${name} ${shape}`);
    }
  }
});
