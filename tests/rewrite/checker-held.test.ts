/**
 * At `block` the checker follows a budget that stays in locals and goes from function to function, and notices where it is lost on
 * the way.
 */
import test from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation, type ViolationKind } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { editBody, find, functionNamed, type Part, part } from './mutate.ts';

const program = wat(`(module
  (import "h" "look" (func $look (param i32)))
  (table funcref (elem $two))
  (type $unary (func (param i32) (result i32)))
  (func $two (type $unary) (i32.const 2))
  (func $even (param $n i32) (param $m i32) (result i32) (local $r i32) (local $wide i64)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (local.set $r (call $odd (i32.sub (local.get $n) (i32.const 1)) (local.get $m)))
    (local.set $wide (i64.const 7))
    (i32.add (local.get $r) (local.get $m)))
  (func $odd (param $n i32) (param $m i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (call $even (i32.sub (local.get $n) (i32.const 1)) (local.get $m)))
  (func $host (param $n i32) (result i32)
    (if (local.get $n) (then (call $look (local.get $n))))
    (call_indirect (type $unary) (local.get $n) (i32.const 0)))
  (func $down (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))
  (func $run (export "run") (param $n i32) (result i32)
    (drop (call $down (local.get $n)))
    (i32.add (call $even (local.get $n) (i32.const 3)) (call $host (local.get $n)))))`);

const { bytes, module, hookNames } = instrument(program, { granularity: 'block' });
const index = (name: string): number => functionNamed(module, name);
const check = (mutated: Uint8Array) => checkRewritten(program, mutated, hookNames, { granularity: 'block' }).violations;

test('the program that is changed below has its budget in locals, and all is well with it', (t) => {
  t.deepEqual(check(bytes).map(formatViolation), []);
});

/** Each of the kinds named is told of. */
function mistake(title: string, at: number, kinds: readonly ViolationKind[], edit: (parts: Part[]) => void): void {
  test(title, (t) => {
    const found = check(editBody(bytes, at, edit));
    for (const kind of kinds)
      t.true(
        found.some((each) => each.kind === kind),
        `${kind}: ${found.map(formatViolation)}`,
      );
  });
}

const callOf = (parts: readonly Part[], callee: number): number => {
  const at = parts.findIndex(({ name, bytes: own }) => name === 'call' && own[1] === callee);
  if (at < 0) throw new Error(`nobody calls ${callee}`);
  return at;
};
const budget = module.globals.length;

mistake('something else is passed on', index('even'), ['order'], (parts) => {
  parts[callOf(parts, index('odd')) - 1] = part('i32.const', 0x41, 9);
});

mistake('a parameter is passed on for the budget', index('odd'), ['order'], (parts) => {
  parts[callOf(parts, index('even')) - 1] = part('local.get', 0x20, 0);
});

mistake('what comes back is dropped', index('even'), ['budget'], (parts) => {
  parts[callOf(parts, index('odd')) + 1] = part('drop', 0x1a);
});

mistake('what comes back goes to the guest', index('even'), ['budget'], (parts) => {
  parts[callOf(parts, index('odd')) + 1] = part('local.set', 0x21, 0);
});

mistake('the budget is passed on to another function', index('even'), ['order'], (parts) => {
  parts[callOf(parts, index('odd'))] = part('call', 0x10, index('even'));
});

mistake('the budget does not come back', index('even'), ['budget'], (parts) => {
  // An older one, of before the call.
  const local = parts[1]!.bytes[1]!;
  const at = callOf(parts, index('odd'));
  parts.splice(at + 1, 1, part('drop', 0x1a), part('local.get', 0x20, local), part('local.set', 0x21, local));
});

mistake('the budget comes back without what the function cost', index('even'), ['charge'], (parts) => {
  const weight = parts.at(-4)!;
  parts[parts.length - 4] = part('i32.const', 0x41, weight.bytes[1]! - 1);
});

mistake('the local that the budget came in is not cleared', index('even'), ['budget'], (parts) => {
  parts.splice(2, 2);
});

mistake('the local that the budget came in is cleared to something else', index('even'), ['budget'], (parts) => {
  parts[2] = part('i32.const', 0x41, 1);
});

mistake('the budget that comes in is left aside', index('even'), ['budget'], (parts) => {
  parts[0] = part('global.get', 0x23, budget);
});

mistake('the host is called with an old budget', index('host'), ['budget'], (parts) => {
  const at = callOf(parts, index('look'));
  if (parts[at - 1]!.name !== 'global.set') throw new Error('the budget is not lent');
  parts[at - 1] = part('drop', 0x1a);
});

mistake("the host's budget is not taken over", index('host'), ['budget'], (parts) => {
  const at = callOf(parts, index('look'));
  if (parts[at + 1]!.name !== 'global.get') throw new Error('the budget is not read again');
  parts.splice(at + 1, 2);
});

mistake('the budget is not read again behind an indirect call', index('host'), ['budget'], (parts) => {
  parts.splice(find(parts, 'call_indirect global.get local.set') + 1, 2);
});

/** Takes out the nth check, but not what it charges. */
function uncheck(parts: Part[], nth: number): void {
  const test = find(parts, 'local.tee global.set local.get i32.const i32.lt_s if', nth);
  const end = find(parts.slice(test), 'end') + test;
  parts.splice(test, end + 1 - test, part('local.set', 0x21, parts[test]!.bytes[1]!));
}

mistake('a call that leads back passes no check', index('down'), ['cycle'], (parts) => uncheck(parts, 0));

mistake('returns through a recursion pass no check', index('down'), ['stretch'], (parts) => uncheck(parts, 1));

mistake('a function that others reach does not give back its budget', index('run'), ['budget'], (parts) => {
  if (parts.at(-2)!.name !== 'global.set') throw new Error('the end has changed');
  parts[parts.length - 2] = part('drop', 0x1a);
});

mistake('it does not take its budget over', index('run'), ['order'], (parts) => {
  const local = parts[1]!.bytes[1]!;
  parts.splice(0, 2, part('i32.const', 0x41, 5), part('local.set', 0x21, local));
});

mistake('a check tells the global something else', index('down'), ['safepoint'], (parts) => {
  // One more constant taken off what is written through.
  const set = find(parts, 'local.tee global.set') + 1;
  parts.splice(set, 0, part('i32.const', 0x41, 1), part('i32.sub', 0x6b));
});

test('the first local that makes room for the budget keeps its type, and the others theirs', (t) => {
  const { start } = rewrittenBody('even');
  // Two groups of the original, of which the first lost its only local, and that of the budget.
  t.deepEqual([...bytes.subarray(start, start + 7)], [3, 0, 0x7f, 1, 0x7e, 1, 0x7f]);
  for (const [at, value] of [
    [2, 0x7d],
    [1, 1],
    [4, 0x7f],
  ] as const) {
    const mutated = bytes.slice();
    mutated[start + at] = value;
    t.true(check(mutated).length > 0, `${at}`);
  }
});

function rewrittenBody(name: string) {
  const { module: rewritten } = instrument(bytes);
  return rewritten.bodies[index(name) - rewritten.importedFunctions]!;
}
