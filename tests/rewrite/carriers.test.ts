/** Functions that carry the budget through their calls: they compute what they did, count what they did, and the checker sees to it. */
import test from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation, type ViolationKind } from '../../src/rewrite/checker/violation.ts';
import { type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';
import { parseModule } from '../../src/wasm/module.ts';
import { wat } from '../support/wat.ts';
import { type Exports, type Hosted, host, plain } from './harness.ts';
import { editBody, find, functionNamed, type Part, part, replaceBytes } from './mutate.ts';

const program = wat(`(module
  (import "h" "look" (func $look (param i32)))
  (type $unary (func (param i32) (result i32)))
  (memory 1)
  (table funcref (elem $double))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $small (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
  ;; Locals of its own, an early return out of a loop, and a branch to its outermost label.
  (func $fibonacci (param $n i32) (result i32) (local $sum i32) (local $m i64)
    (loop $again
      (if (i32.lt_u (local.get $n) (i32.const 2))
        (then (return (i32.add (local.get $n) (local.get $sum)))))
      (drop (br_if 1 (i32.const -1) (i32.eq (local.get $n) (i32.const 7777))))
      (local.set $sum (i32.add (local.get $sum) (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))))
      (local.set $m (i64.add (local.get $m) (i64.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 2)))
      (br $again))
    (unreachable))
  ;; No locals, no result, in a circle with the next; calls the host, a table, a leaf and one that does not return.
  (func $even (param $n i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (call $look (local.get $n))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0))
      (call_indirect (type $unary) (call $small (local.get $n)) (i32.const 0))))
    (if (i32.gt_u (local.get $n) (i32.const 100000)) (then (call $fails (local.get $n)) (unreachable)))
    (call $odd (i32.sub (local.get $n) (i32.const 1)) (f64.const 0.5)))
  (func $odd (param $n i32) (param $x f64) (local $i i32)
    (local.set $i (local.get $n))
    (block $out
      (loop $again
        (br_if $out (i32.eqz (local.get $i)))
        (i32.store8 (local.get $i) (i32.add (i32.load8_u (local.get $i)) (local.get $n)))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (br $again)))
    (memory.fill (i32.const 64) (local.get $n) (local.get $n))
    (if (local.get $n) (then (call $even (i32.sub (local.get $n) (i32.const 1))))))
  (func $fails (param $n i32) (call $look (local.get $n)) (unreachable))
  ;; Returns from within copies of a loop.
  (func $search (param $n i32) (param $key i32) (result i32) (local $i i32)
    (loop $again
      (if (i32.eq (i32.load8_u (local.get $i)) (local.get $key)) (then (return (local.get $i))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.sub (i32.const 0) (call $fibonacci (i32.const 3))))
  (func (export "fibonacci") (param i32) (result i32) (call $fibonacci (local.get 0)))
  (func (export "parity") (param i32) (result i32)
    (call $even (local.get 0))
    (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 64))))
  (func (export "search") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $search (local.get $n) (i32.and (local.get $n) (i32.const 31)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`);
const carriers = ['fibonacci', 'even', 'odd', 'search', 'fails'];

const rewritten = instrument(program);
const { module } = rewritten;
const now = parseModule(rewritten.bytes);
const typeNow = (name: string): number => now.functions[functionNamed(module, name)]!.typeIndex;

test('functions that only direct calls reach carry the budget; others keep their type', (t) => {
  for (const name of carriers) {
    const index = functionNamed(module, name);
    const [own, carrying] = [module.functionType(index), now.functionType(index)];
    t.deepEqual(carrying, { params: [...own.params, 'i32'], results: [...own.results, 'i32'] }, name);
  }
  for (const name of ['look', 'double', 'small']) {
    t.is(typeNow(name), module.functions[functionNamed(module, name)]!.typeIndex, name);
  }
  const types = (options: InstrumentOptions): number =>
    parseModule(instrument(program, options).bytes).types.filter(({ signature }) => signature?.results.length === 2)
      .length;
  t.true(types({}) > 0);
  t.is(types({ counting: 'none' }), 0);
  t.is(types({ granularity: 'access' }), 0);
  t.true(types({ unroll: false }) > 0, 'those that call themselves');
});

const calls: readonly (readonly [string, number])[] = [
  ['fibonacci', 0],
  ['fibonacci', 1],
  ['fibonacci', 13],
  ['fibonacci', 7777],
  ['parity', 0],
  ['parity', 1],
  ['parity', 41],
  ['search', 1],
  ['search', 77],
];

/** What each call gives, and what the host was told. */
function results(exports: Exports, looks: number[]): unknown[] {
  return [...calls.map(([name, n]) => exports[name](n)), [...looks]];
}

test('they compute what they did, and count the same, however often they are interrupted', (t) => {
  const imports = (looks: number[]) => ({ h: { look: (n: number) => looks.push(n) } });
  const seen: number[] = [];
  const expected = results(plain(program, imports(seen)), seen);
  let spent: number | undefined;
  for (const quantum of [undefined, 100_000, 97, 10, 1]) {
    for (const unroll of [true, false]) {
      const looks: number[] = [];
      const hosted = host(program, { unroll, imports: imports(looks), ...(quantum && { quantum }) });
      t.deepEqual(results(hosted.exports, looks), expected, `${quantum}`);
      spent ??= hosted.spent();
      t.is(hosted.spent(), spent, `${quantum}`);
      t.is(hosted.calls.length > 0, quantum !== undefined && quantum < 100_000);
    }
  }
});

test('the host sees the true budget when a carrier calls it, and may lower it', (t) => {
  const counts: number[] = [];
  const hosted: Hosted = host(program, { imports: { h: { look: () => counts.push(hosted.spent()) } } });
  hosted.exports.parity(41);
  t.is(counts.length, 21);
  t.true(counts.every((count, i) => i === 0 || count > counts[i - 1]! + 10));
  let calls = 0;
  const { setBudget } = instrument(program).hookNames;
  const lowering: Hosted = host(program, {
    imports: { h: { look: () => lowering.exports[setBudget](-1) } },
    onSafepoint: () => calls++,
  });
  lowering.exports.parity(41);
  t.true(calls >= 20, `${calls}`);
});

test('a hook ends the run from within, and what it calls spends from the same budget', (t) => {
  const ending = host(program, {
    quantum: 1000,
    imports: { h: { look: () => {} } },
    onSafepoint: ({ calls }) => {
      if (calls.length === 5) throw new Error('enough');
    },
  });
  t.throws(() => ending.exports.fibonacci(40), { message: 'enough' });
  const nested: Hosted = host(program, {
    quantum: 1000,
    imports: { h: { look: () => {} } },
    onSafepoint: ({ calls, exports }) => {
      if (calls.length === 3) t.is(exports.search(9), plain(program, { h: { look: () => {} } }).search(9));
    },
  });
  t.is(nested.exports.fibonacci(20), 6765);
});

test('a function with as many parameters as an engine takes gets none more', (t) => {
  for (const count of [999, 1000]) {
    const module = wat(`(module
      (func $many (param ${'i32 '.repeat(count)}) (result i32)
        (if (local.get 0) (then (return (call $many ${'(i32.const 0) '.repeat(count)}))))
        (local.get ${count - 1}))
      (func (export "run") (result i32) (call $many ${'(i32.const 1) '.repeat(count)})))`);
    for (const granularity of ['loop', 'block'] as const) {
      const { bytes, hookNames } = instrument(module, { granularity });
      t.true(WebAssembly.validate(bytes), `${count}`);
      t.deepEqual(checkRewritten(module, bytes, hookNames, { granularity }).violations.map(formatViolation), []);
    }
    t.is(host(module).exports.run!(), 0);
  }
});

test('where control leaves by a tail call or an exception nobody carries the budget', (t) => {
  const types = (text: string): number => {
    const bytes = wat(`(module ${text}
      (func $f (param $n i32) (result i32)
        (if (result i32) (local.get $n) (then (call $f (i32.sub (local.get $n) (i32.const 1)))) (else (i32.const 0))))
      (func (export "f") (param i32) (result i32) (call $f (local.get 0))))`);
    const { bytes: changed, module: original, hookNames } = instrument(bytes);
    t.deepEqual(checkRewritten(bytes, changed, hookNames).violations, []);
    return parseModule(changed).types.length - original.types.length;
  };
  const without = types('(tag $e)');
  t.is(types(''), without + 1);
  t.is(types('(func $t (export "t") (param i32) (return_call $t (local.get 0)))'), without);
  t.is(types('(func (export "c") (try_table (nop)))'), without);
});

function violations(bytes: Uint8Array, original: Uint8Array = program): readonly string[] {
  return checkRewritten(original, bytes, rewritten.hookNames).violations.map(formatViolation);
}

/** One mistake in the body of a function is found, and it is of that kind. */
function mistake(title: string, name: string, kind: ViolationKind, edit: (parts: Part[]) => void): void {
  test(title, (t) => {
    t.deepEqual(violations(rewritten.bytes), [], 'all is well before');
    const mutated = editBody(rewritten.bytes, functionNamed(module, name), edit);
    const found = violations(mutated);
    t.true(found[0]?.startsWith(kind), found.join('\n'));
  });
}

/** Where a function is called directly. */
function callOf(parts: readonly Part[], name: string): number {
  const index = functionNamed(module, name);
  return parts.findIndex(({ bytes }) => bytes[0] === 0x10 && bytes[1] === index);
}
const budget = part('global.get', 0x23, module.globals.length);
const store = part('global.set', 0x24, module.globals.length);

mistake('a carrier is passed something else than the budget', 'even', 'order', (parts) => {
  parts[callOf(parts, 'odd') - 1] = part('i32.const', 0x41, 9);
});

mistake('a carrier is passed what the global holds', 'fibonacci', 'budget', (parts) => {
  parts[callOf(parts, 'fibonacci') - 1] = budget;
});

mistake('what a carrier gives back is thrown away', 'fibonacci', 'safepoint', (parts) => {
  parts[callOf(parts, 'fibonacci') + 1] = part('drop', 0x1a);
});

mistake('a carrier is passed the budget before a charge', 'fibonacci', 'budget', (parts) => {
  const at = callOf(parts, 'fibonacci');
  parts.splice(at, 0, part('i32.const', 0x41, 1), part('i32.sub', 0x6b));
});

mistake('a carrier gives something else back', 'odd', 'order', (parts) => {
  parts[parts.length - 2] = part('i32.const', 0x41, 9);
});

mistake('a carrier gives the global back', 'search', 'budget', (parts) => {
  parts[parts.length - 2] = budget;
});

mistake('a carrier calls the host with the budget in a local', 'even', 'budget', (parts) => {
  parts[callOf(parts, 'look') - 1] = part('drop', 0x1a);
});

mistake('a carrier goes on with the budget of before a call of the host', 'even', 'budget', (parts) => {
  parts[callOf(parts, 'look') + 2] = part('drop', 0x1a);
});

mistake('a carrier leaves the budget in the place of a local', 'fibonacci', 'budget', (parts) => {
  parts.splice(2, 2);
});

mistake('a carrier makes a local something else than zero', 'fibonacci', 'budget', (parts) => {
  parts[2] = part('i32.const', 0x41, 1);
});

mistake('a carrier writes to the local it got the budget in', 'odd', 'order', (parts) => {
  parts.splice(4, 0, part('i32.const', 0x41, 0), part('local.set', 0x21, 2));
});

mistake('a check is missing in a loop of a carrier', 'fibonacci', 'cycle', (parts) => {
  const from = find(parts, 'local.get i32.const i32.sub local.tee i32.const i32.lt_s if');
  parts.splice(from, find(parts.slice(from), 'end') + 1);
});

mistake('a charge is missing where a carrier returns from within copies', 'search', 'charge', (parts) => {
  const at = find(parts, 'local.get i32.const i32.sub local.set local.get return');
  parts.splice(at, 4);
});

mistake('who is called quietly is not quiet', 'even', 'budget', (parts) => {
  parts.splice(callOf(parts, 'look') - 2, 2);
});

test('a leaf that reads or writes the budget is none', (t) => {
  for (const added of [
    [budget, part('drop', 0x1a)],
    [budget, store],
  ]) {
    const mutated = editBody(rewritten.bytes, functionNamed(module, 'small'), (parts) => {
      parts.unshift(...added);
    });
    t.true(
      violations(mutated).some((text) => text.startsWith('budget')),
      violations(mutated).join('\n'),
    );
  }
});

test('a carrier that others than direct calls may reach is noticed', (t) => {
  // The element segment: one, of table 0, at 0, one function.
  const segment = (name: string): number[] => [9, 7, 1, 0, 0x41, 0, 0x0b, 1, functionNamed(module, name)];
  const reaches = (bytes: Uint8Array): Uint8Array => replaceBytes(bytes, segment('double'), segment('fibonacci'));
  const found = violations(reaches(rewritten.bytes), reaches(program));
  t.true(
    found.some((text) => text.includes('others than direct calls')),
    found.join('\n'),
  );
});

test('a function of another type that carries nothing is noticed', (t) => {
  const wrong = instrument(program).bytes;
  const section = parseModule(wrong).sections.find(({ id }) => id === 3)!;
  const at = section.body + 1 + functionNamed(module, 'small') - module.importedFunctions;
  wrong[at] = typeNow('search');
  const found = violations(wrong);
  t.true(found.length > 0 && found.some((text) => text.includes('small')), found.join('\n'));
});

test('copies of declared locals are the original’s, but for the first', (t) => {
  const wrong = rewritten.bytes.slice();
  const { start } = now.bodies[functionNamed(module, 'fibonacci') - module.importedFunctions]!;
  t.is(wrong[start + 4], 0x7e, 'the i64');
  wrong[start + 4] = 0x7d;
  t.true(violations(wrong)[0]!.includes('the locals are not those'));
});
