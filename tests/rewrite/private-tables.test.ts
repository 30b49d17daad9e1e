/** Indirect calls that can only reach functions in which nobody looks at the budget are made while something is owed. */
import test from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { type Hosted, host } from './harness.ts';
import { editBody, find, functionNamed, part } from './mutate.ts';

/** `more` may open the table to others, or put something else into it. */
const calling = (more: string, elements = '$short $long $branching'): Uint8Array<ArrayBuffer> =>
  wat(`(module
  (import "h" "look" (func $look (param i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (table $t 4 4 funcref)
  (elem (i32.const 0) ${elements})
  ${more}
  (func $short (type $unary) (i32.add (local.get 0) (i32.const 3)))
  (func $long (type $unary) (i32.mul (i32.xor (local.get 0) (i32.const 5)) (i32.const 7)))
  (func $branching (type $unary)
    (if (result i32) (i32.and (local.get 0) (i32.const 1)) (then (i32.const 9)) (else (i32.shr_u (local.get 0) (i32.const 1)))))
  (func $run (export "run") (param $n i32) (param i32) (result i32) (local $sum i32)
    (local.set $sum (call_indirect (type $unary) (i32.const 1) (i32.const 0)))
    (loop $again
      (local.set $sum (call_indirect (type $unary)
        (call_indirect (type $unary)
          (call_indirect (type $unary) (local.get $sum) (i32.const 0)) (i32.const 1)) (i32.const 2)))
      (if (i32.and (local.get $n) (i32.const 1)) (then (drop (call_indirect (type $unary) (local.get $n) (i32.const 1)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (drop (call $look (local.get $sum)))
    (call_indirect (type $unary) (local.get $sum) (i32.const 2))))`);

const budgetWrites = (bytes: Uint8Array<ArrayBuffer>): number => {
  const { bytes: rewritten, module } = instrument(bytes, { granularity: 'block' });
  let writes = 0;
  editBody(rewritten, functionNamed(module, 'run'), (parts) => {
    writes = parts.filter(({ name, bytes: own }) => name === 'global.set' && own[1] === module.globals.length).length;
  });
  return writes;
};

const check = (original: Uint8Array<ArrayBuffer>, rewritten: Uint8Array): readonly string[] => {
  const { hookNames } = instrument(original, { granularity: 'block' });
  return checkRewritten(original, rewritten, hookNames, { granularity: 'block' }).violations.map(formatViolation);
};

test('the budget stays in its global through calls that follow each other, and the count is that of every granularity', (t) => {
  const closed = calling('');
  t.true(budgetWrites(closed) < budgetWrites(calling('(export "t" (table $t))')));
  t.deepEqual(check(closed, instrument(closed, { granularity: 'block' }).bytes), []);
  for (const quantum of [1, 7, 1_000_000]) {
    const counts = (['block', 'access', 'instruction'] as const).map((granularity) => {
      const seen: number[] = [];
      const look = (n: number): number => {
        seen.push(machine.spent());
        return n;
      };
      const machine: Hosted = host(closed, { granularity, quantum, imports: { h: { look } } });
      return [machine.exports.run(5, 0), ...seen, machine.spent()];
    });
    t.deepEqual(counts[0], counts[1]);
    t.deepEqual(counts[0], counts[2]);
  }
});

for (const [what, more, elements] of [
  ['the table is exported', '(export "t" (table $t))', undefined],
  ['an import of the type is in a table', '', '$look $short $long'],
  [
    'one of the functions calls the host',
    '(func $calls (type $unary) (call $look (local.get 0)))',
    '$calls $long $short',
  ],
  [
    'one of the functions has a loop',
    '(func $loops (type $unary) (loop $l (br_if $l (local.get 0))) (i32.const 0))',
    '$short $long $loops',
  ],
  [
    'references come from outside',
    '(func (export "take") (param funcref) (table.set $t (i32.const 0) (local.get 0)))',
    undefined,
  ],
] as const) {
  test(`all is charged before an indirect call where somebody may look: ${what}`, (t) => {
    const bytes = calling(more, elements);
    t.deepEqual(check(bytes, instrument(bytes, { granularity: 'block' }).bytes), []);
    t.true(budgetWrites(bytes) > budgetWrites(calling('')));
  });
}

test('the checker does not take it that such a call may owe where others can reach the table', (t) => {
  const [closed, open] = [calling(''), calling('(export "t" (table $t))')];
  const { bytes, module } = instrument(open, { granularity: 'block' });
  const { bytes: owing, module: closedModule } = instrument(closed, { granularity: 'block' });
  const index = functionNamed(module, 'run');
  const parts: { name: string; bytes: readonly number[] }[] = [];
  editBody(owing, functionNamed(closedModule, 'run'), (own) => parts.push(...own));
  const mutated = editBody(bytes, index, (own) => {
    own.splice(0, own.length, ...parts);
  });
  t.true(
    check(open, mutated).some((message) => message.startsWith('charge')),
    `${check(open, mutated)}`,
  );
});

test('the checker misses a budget that is not lent before such calls, or not read behind them', (t) => {
  const closed = calling('');
  const { bytes, module } = instrument(closed, { granularity: 'block' });
  const index = functionNamed(module, 'run');
  const unlent = editBody(bytes, index, (parts) => {
    parts[find(parts, 'global.set', 1)] = part('drop', 0x1a);
  });
  t.true(check(closed, unlent).some((message) => message.startsWith('budget')));
  const unread = editBody(bytes, index, (parts) => {
    parts.splice(find(parts, 'global.get local.set', 1), 2);
  });
  t.true(
    check(closed, unread).some((message) => /^(budget|order)/.test(message)),
    `${check(closed, unread)}`,
  );
});
