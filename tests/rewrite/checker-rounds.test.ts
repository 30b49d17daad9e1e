/** The checker notices what may be wrong with loops that look at the flag once in many rounds, where nothing is counted. */
import test from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation, type ViolationKind } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { editBody, find, functionNamed, type Part, part } from './mutate.ts';

const counting = 'none' as const;

const program = wat(`(module
  (memory 1)
  (func $count (export "count") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $i))))
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $n))))
    (local.get $s))
  (func $down (export "down") (param $i i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $i))))
      (br_if $again (local.tee $i (i32.add (local.get $i) (i32.const -1)))))
    (local.get $s))
  (func $few (export "few") (param $n i32) (result i32) (local $i i32) (local $at i32)
    (local.set $i (i32.const 0))
    (loop $each
      (local.set $at (local.get $n))
      (loop $walk
        (br_if $walk (local.tee $at (i32.shr_u (local.get $at) (i32.const 1)))))
      (br_if $each (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (local.get $i)))`);

const { bytes, module, hookNames } = instrument(program, { counting });

function verdict(rewritten: Uint8Array, original: Uint8Array = program): readonly string[] {
  return checkRewritten(original, rewritten, hookNames, { counting }).violations.map(formatViolation);
}

function mistake(title: string, name: string, kind: ViolationKind, edit: (parts: Part[]) => void): void {
  test(title, (t) => {
    const violations = verdict(editBody(bytes, functionNamed(module, name), edit));
    t.true(violations.length > 0, 'nothing is noticed');
    t.true(violations[0]!.startsWith(kind), violations[0]);
  });
}

test('the program passes as it was rewritten', (t) => {
  t.deepEqual(verdict(bytes), []);
});

const question = 'i32.const i32.ge_u';
const look = 'global.get i32.const i32.lt_s if call end';
const goal = 'local.get i32.const i32.add local.set';
const leb = (value: number): number[] => [(value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, value >> 14];

mistake('a strip ends without a look', 'count', 'cycle', (parts) => {
  const at = find(parts, look);
  parts.splice(at, look.split(' ').length);
});

mistake('a strip makes more rounds than were asked for', 'count', 'order', (parts) => {
  parts[find(parts, goal) + 1] = part('i32.const', 0x41, ...leb(1 << 15));
});

mistake('a strip makes fewer rounds than were asked for', 'count', 'order', (parts) => {
  parts[find(parts, goal) + 1] = part('i32.const', 0x41, 2);
});

mistake('a strip steps the other way', 'down', 'order', (parts) => {
  parts[find(parts, goal) + 1] = part('i32.const', 0x41, 0x10);
});

mistake('more rounds are asked for than may go by without a look', 'count', 'cycle', (parts) => {
  const rounds = 1 << 18;
  const many = (at: number, value: number): void => {
    parts[at] = part('i32.const', 0x41, ...leb(value));
  };
  many(find(parts, question), rounds);
  many(find(parts, question, 1), rounds);
  many(find(parts, goal) + 1, 2 * rounds);
});

mistake('the question is the other way round', 'count', 'order', (parts) => {
  parts[find(parts, question) + 1] = part('i32.lt_u', 0x49);
});

mistake('the question takes signed numbers, of which zero less one is the least', 'count', 'order', (parts) => {
  parts[find(parts, question) + 1] = part('i32.ge_s', 0x4e);
});

mistake('the question takes the distance for that to go back', 'count', 'order', (parts) => {
  const at = find(parts, 'local.get local.get i32.sub');
  [parts[at], parts[at + 1]] = [parts[at + 1]!, parts[at]!];
});

mistake('the question takes the loop for one of smaller steps', 'count', 'order', (parts) => {
  const at = find(parts, 'i32.const i32.rotr');
  parts.splice(at, 2);
});

mistake('nobody asks behind a strip what is left', 'count', 'cycle', (parts) => {
  const at = find(parts, question, 1);
  // From the distance on, up to the branch to another strip.
  parts.splice(at - 7, 10);
});

mistake('nobody asks what is left at all', 'count', 'cycle', (parts) => {
  const from = find(parts, 'local.get local.get i32.sub');
  const to = find(parts, 'br_if end end') + 3;
  parts.splice(from, to - from);
});

mistake('the rest compares with a goal that nobody set', 'count', 'safepoint', (parts) => {
  const at = find(parts, 'i32.ne br_if', 1) - 1;
  parts[at] = parts[find(parts, 'i32.ne br_if') - 1]!;
});

mistake('a strip compares with the bound', 'count', 'order', (parts) => {
  parts[find(parts, 'i32.ne br_if') - 1] = part('local.get', 0x20, 0);
});

mistake('a loop of few rounds holds one that does not look', 'few', 'cycle', (parts) => {
  const at = find(parts, 'global.get i32.const i32.ge_s br_if');
  parts.splice(at, 4, part('br', 0x0c, 0));
});

test('a loop around others makes so many rounds that it has to look itself', (t) => {
  const original = wat(`(module (memory 1)
    (func (export "few") (param $n i32) (local $i i32) (local $at i32)
      (local.set $i (i32.const 0))
      (loop $each
        (local.set $at (local.get $n))
        (loop $walk (br_if $walk (local.tee $at (i32.shr_u (local.get $at) (i32.const 1)))))
        (br_if $each (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))))`);
  const from = instrument(original, { counting });
  const rounds = (list: Uint8Array, now: readonly number[]): Uint8Array =>
    editBody(list, 0, (parts) => {
      for (const [i, { name }] of parts.entries()) {
        if (name === 'i32.ne') parts[i - 1] = part('i32.const', 0x41, ...now);
      }
    });
  const check = (now: readonly number[]): readonly string[] =>
    checkRewritten(rounds(original, now), rounds(from.bytes, now), from.hookNames, { counting }).violations.map(
      formatViolation,
    );
  t.deepEqual(check([0x20]), []);
  t.true(check(leb(1 << 18))[0]!.startsWith('cycle'));
});

test('many small loops are proved in a time that grows with their number, not faster', (t) => {
  const few = '(local.set $i (i32.const 0)) (loop $l STEP (i32.const 5))))';
  const any = '(loop $l STEP (local.get $n))))';
  const step = '(br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1)))';
  for (const loop of [few, any].map((text) => text.replace('STEP', step))) {
    const many = wat(`(module (memory 1) (func (export "run") (param $n i32) (local $i i32) ${loop.repeat(8000)}))`);
    const start = performance.now();
    t.deepEqual(verdict(instrument(many, { counting }).bytes, many), []);
    t.true(performance.now() - start < 15_000, 'half a second, if it does not look at all of them for each');
  }
});
