/** Short functions that calls through a table reach are charged where they are called, and the checker sees to it. */
import test from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { host, plain } from './harness.ts';
import { editBody, find, functionNamed, part, replaceBytes } from './mutate.ts';

const many = '(local.set $x (i32.add (i32.mul (local.get $x) (i32.const 3)) (i32.const 1)))'.repeat(8);
const program = wat(`(module
  (type $binary (func (param i32 i32) (result i32)))
  (type $handler (func (param i32)))
  (table (export "table") funcref (elem $add $least $long $named $handler))
  (global $g (mut i32) (i32.const 0))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $least (type $binary)
    (if (i32.lt_s (local.get 0) (local.get 1)) (then (return (local.get 0))))
    (if (i32.eq (local.get 0) (i32.const 7777)) (then (unreachable)))
    (local.get 1))
  (func $long (type $binary) (local $x i32) ${many} (local.get $x))
  (func $named (export "named") (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $handler (type $handler) (global.set $g (local.get 0)))
  (func $fold (export "fold") (param $n i32) (param $which i32) (param $unused i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call_indirect (type $binary) (local.get $n) (local.get $sum) (local.get $which)))
      (call_indirect (type $handler) (local.get $n) (i32.const 4))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`);
const { bytes, hookNames, module } = instrument(program);

const violations = (rewritten: Uint8Array, original: Uint8Array = program): readonly string[] =>
  checkRewritten(original, rewritten, hookNames).violations.map(formatViolation);

test('they compute what they did, and the count is the same however often they are interrupted', (t) => {
  const expected = plain(program);
  for (const which of [0, 1, 2, 3]) {
    const [calm, busy] = [host(program), host(program, { quantum: 50 })];
    for (const { exports } of [calm, busy]) t.is(exports.fold(41, which, 0), expected.fold(41, which, 0));
    t.is(calm.spent(), busy.spent());
    t.true(busy.calls.length > 5);
  }
});

test('each call is charged what the costliest of them takes; who is long, exported or a handler charges itself', (t) => {
  const spent = (which: number): number => {
    const hosted = host(program);
    hosted.exports.fold(100, which, 0);
    return hosted.spent();
  };
  t.is(spent(0), spent(1), 'add costs what least costs');
  t.true(spent(2) > spent(0) + 100 * 32);
  t.true(spent(3) > spent(0));
  const hosted = host(program);
  const byHost = (act: () => void): number => {
    const before = hosted.spent();
    act();
    return hosted.spent() - before;
  };
  t.is(
    byHost(() => hosted.exports.table.get(0)(1, 2)),
    0,
    'a host that calls through the table is not charged',
  );
  t.is(
    byHost(() => hosted.exports.named(1, 2)),
    3,
  );
  t.is(
    byHost(() => hosted.exports.table.get(4)(1)),
    2,
  );
});

test('a call that is not charged for who it may reach is noticed', (t) => {
  t.deepEqual(violations(bytes), []);
  const cheap = editBody(bytes, functionNamed(module, 'fold'), (parts) => {
    const at = find(parts, 'global.get i32.const i32.sub global.set global.get') + 1;
    parts[at] = part('i32.const', 0x41, parts[at]!.bytes[1]! - 1);
  });
  t.true(
    violations(cheap).some((text) => text.startsWith('charge')),
    violations(cheap).join('\n'),
  );
});

test('no others may leave their charge to callers', (t) => {
  for (const name of ['long', 'named', 'handler']) {
    const free = editBody(bytes, functionNamed(module, name), (parts) => {
      parts.splice(find(parts, 'global.get i32.const i32.sub global.set'), 4);
    });
    const found = violations(free);
    t.true(found[0]?.startsWith('charge'), `${name}: ${found.join('\n')}`);
  }
});

test('a short function that is exported as well charges itself', (t) => {
  // In both modules the export of `named` is one of `add`, which leaves its charge to callers.
  const exported = (index: number): number[] => [...new TextEncoder().encode('named'), 0, index];
  const change = (from: Uint8Array): Uint8Array =>
    replaceBytes(from, exported(functionNamed(module, 'named')), exported(functionNamed(module, 'add')));
  const found = violations(change(bytes), change(program));
  t.true(
    found.some((text) => text.startsWith('charge') && text.includes('add')),
    found.join('\n'),
  );
});
