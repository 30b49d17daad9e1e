/** The checker notices what a rewriter may get wrong in charging a bulk instruction for the length it works on. */
import test from 'ava';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation, type ViolationKind } from '../../src/rewrite/checker/violation.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { editBody, find, functionNamed, type Part, part } from './mutate.ts';

const program = wat(`(module
  (memory 1) (table $t 10 funcref)
  (func $copy (export "copy") (param $n i32)
    (memory.copy (i32.const 0) (i32.const 100) (local.get $n))
    (memory.fill (i32.const 0) (i32.const 100) (local.get $n)))
  (func $fill (export "fill") (param $n i32) (table.fill $t (i32.const 0) (ref.null func) (local.get $n)))
  (func $grow (export "grow") (param $n i32) (result i32) (table.grow $t (ref.null func) (local.get $n))))`);

/** The charge for the length and its check, from reading the budget to the check's end. */
function chargeIn(parts: readonly Part[], nth = 0): [from: number, to: number] {
  const charge = 'local.get i32.const i32.shr_u i32.sub';
  const from = find(parts, charge, nth) - 1;
  return [from, from + find(parts.slice(from), 'end') + 1];
}

function mistake(title: string, name: string, kind: ViolationKind, edit: (parts: Part[]) => void): void {
  for (const granularity of ['loop', 'block'] satisfies Granularity[]) {
    test(`${title}, at ${granularity}`, (t) => {
      const { bytes, module, hookNames } = instrument(program, { granularity });
      const check = (module: Uint8Array) => checkRewritten(program, module, hookNames, { granularity }).violations;
      t.deepEqual(check(bytes).map(formatViolation), [], 'all is well before');
      const mutated = editBody(bytes, functionNamed(module, name), edit);
      t.true(
        check(mutated).some((violation) => violation.kind === kind),
        `${check(mutated).map(formatViolation)}`,
      );
    });
  }
}

mistake('a length is not charged', 'copy', 'charge', (parts) => {
  const [from, to] = chargeIn(parts);
  parts.splice(from, to - from);
});

mistake('a constant is charged instead of the length', 'copy', 'charge', (parts) => {
  const [from] = chargeIn(parts);
  parts.splice(from + 1, 3, part('i32.const', 0x41, 8));
});

mistake('four bytes cost one, not eight', 'copy', 'charge', (parts) => {
  parts[find(parts, 'i32.const i32.shr_u')] = part('i32.const', 0x41, 2);
});

mistake('each byte costs one', 'copy', 'charge', (parts) => {
  parts.splice(find(parts, 'i32.const i32.shr_u'), 2);
});

mistake('a length is taken off the wrong way round', 'copy', 'budget', (parts) => {
  const [from] = chargeIn(parts);
  parts.splice(from, 4, ...parts.slice(from + 1, from + 4), parts[from]!);
});

mistake('a length is charged twice', 'copy', 'charge', (parts) => {
  const [from, to] = chargeIn(parts);
  parts.splice(from, 0, ...parts.slice(from, to));
});

mistake('a length is charged in front of its instruction', 'copy', 'charge', (parts) => {
  const [from, to] = chargeIn(parts);
  const charge = parts.splice(from, to - from);
  parts.splice(from - 1, 0, ...charge);
});

mistake('the budget is not tested behind', 'copy', 'stretch', (parts) => {
  const [from, to] = chargeIn(parts);
  const stored = find(parts.slice(from), 'global.set') + from + 1;
  parts.splice(stored, to - stored);
});

mistake('the length is that of the instruction before', 'copy', 'budget', (parts) => {
  const tee = find(parts, 'local.tee memory.fill');
  parts.splice(tee, 1);
});

mistake('what is kept is not the length', 'copy', 'budget', (parts) => {
  const tee = find(parts, 'local.tee memory.copy');
  parts.splice(tee - 1, 2, parts[tee]!, parts[tee - 1]!);
});

mistake('the local with the length is written again', 'copy', 'budget', (parts) => {
  const local = parts[find(parts, 'local.tee memory.copy')]!.bytes[1]!;
  const [from] = chargeIn(parts);
  parts.splice(from, 0, parts[from]!, part('local.set', 0x21, local));
});

mistake('a number of elements is not bounded', 'fill', 'charge', (parts) => {
  const bound = find(parts, 'i32.const local.get i32.const i32.lt_u select');
  parts.splice(bound, 5);
});

mistake('a number of elements is bounded by its greatest', 'fill', 'charge', (parts) => {
  parts[find(parts, 'i32.lt_u select')] = part('i32.ne', 0x47);
});

mistake('a table that did not grow is charged for', 'grow', 'charge', (parts) => {
  const failed = find(parts, 'i32.const local.get i32.const i32.ne select');
  parts.splice(failed, 5);
});

mistake('it is not the result that says whether a table grew', 'grow', 'charge', (parts) => {
  const failed = find(parts, 'i32.const local.get i32.const i32.ne select');
  const length = parts[find(parts, 'local.tee table.grow')]!.bytes[1]!;
  parts[failed + 1] = part('local.get', 0x20, length);
});
