/** Goal: a pattern masks the functions it names and no other; one that names none is told. */
import test from 'ava';
import fc from 'fast-check';
import { inspectModule } from '../../src/machine/inspection.ts';
import { Machine } from '../../src/machine/machine.ts';
import { FunctionMask } from '../../src/machine/masked-functions.ts';
import { wat } from '../support/wat.ts';

const masks = (pattern: string, name: string) => new FunctionMask({ maskFunctions: ['none', pattern] }).masks(name);

test('patterns', (t) => {
  const yes = [
    'sort sort',
    '* ',
    '* x',
    'a* a',
    'a* abc',
    '*c abc',
    'a*c ac',
    'a*c abcabc',
    '*b* abc',
    '** x',
    'a*b*c a-b-b-c',
  ];
  for (const each of yes) t.true(masks(...(each.split(' ') as [string, string])), each);
  const no = [
    'sort resort',
    'sort sorted',
    'a* ba',
    '*c cb',
    'a*a a',
    'ab*ba aba',
    '*bb* ab',
    'a.c abc',
    '[ab] a',
    'a*b*c acb',
    'A a',
  ];
  for (const each of no) t.false(masks(...(each.split(' ') as [string, string])), each);
});

test('patterns mean what a regular expression would', (t) => {
  const word = (letters: string) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((each) => each.join(''));
  fc.assert(
    fc.property(
      word('ab*').filter((each) => each !== ''),
      word('ab'),
      (pattern, name) => masks(pattern, name) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name),
    ),
  );
  t.false(masks('*a'.repeat(50_000), 'a'.repeat(49_999)), 'and take no longer for a hostile name');
});

test('the default is the runtime of AssemblyScript; none takes it away, a predicate replaces it, patterns add', (t) => {
  const runtime = '~lib/rt/tlsf/allocateBlock';
  const of = (options: ConstructorParameters<typeof FunctionMask>[0]) => {
    const mask = new FunctionMask(options);
    return [runtime, 'sort', 'hash'].filter(mask.masks);
  };
  t.deepEqual(of({}), [runtime]);
  t.deepEqual(of({ maskFunctions: [] }), [runtime]);
  t.deepEqual(of({ maskFunctions: ['so*'] }), [runtime, 'sort']);
  t.deepEqual(of({ maskFunctions: ['none'] }), []);
  t.deepEqual(of({ maskFunctions: ['none', 'sort'] }), ['sort']);
  t.deepEqual(of({ maskFunction: (name) => name === 'hash' }), ['hash']);
  t.deepEqual(of({ maskFunction: (name) => name === 'hash', maskFunctions: ['sort'] }), ['sort', 'hash']);
  t.throws(() => of({ maskFunctions: [''] }), { code: 'bad-argument' });
});

const SORTS = wat(`(module (memory (export "memory") 1)
  (func $sort (param $n i32)
    (i32.store (i32.const 0) (i32.const 1))
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.store (i32.const 0) (i32.const 0)))
  (func (export "IRQ3_Handler")
    (i32.store (i32.const 4) (i32.or (i32.load (i32.const 4)) (i32.load (i32.const 0))))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1))))
  (func (export "_start") (local $i i32)
    (loop $again (call $sort (i32.const 500))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))))`);

function run(maskFunctions: readonly string[]) {
  const machine = Machine.load(SORTS, { maskFunctions });
  machine.raise(3, { kind: 'every', period: 5000 as never });
  const { warnings, exitCode } = machine.run();
  const memory = new DataView(machine.readMemory(0, 12).buffer);
  return { exitCode, warnings, seenInside: memory.getUint32(4, true), handled: memory.getUint32(8, true) };
}

test('no handler runs in a masked function', (t) => {
  const open = run([]);
  t.like(open, { exitCode: 0, warnings: [], seenInside: 1 });
  const masked = run(['s*t']);
  t.like(masked, { exitCode: 0, warnings: [], seenInside: 0 });
  t.true(masked.handled > 0);
});

test('a pattern without a function is told, by a run and by inspect', (t) => {
  const warning = 'no function of the module is called heap_*: nothing is masked by it';
  t.deepEqual(run(['heap_*', 'sort', 'none']).warnings, [warning]);
  const inspection = inspectModule(SORTS, { maskFunctions: ['heap_*', 'sort'] });
  t.deepEqual(inspection.warnings, [warning]);
  t.deepEqual(inspection.maskedFunctions, ['sort']);
});
