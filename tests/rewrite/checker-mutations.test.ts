/** The checker notices what a rewriter may get wrong: each kind of mistake is made by hand in a module that passes. */
import test from 'ava';
import { type CheckOptions, checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation, type ViolationKind } from '../../src/rewrite/checker/violation.ts';
import { type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';
import { type Module, sectionIds } from '../../src/wasm/module.ts';
import { wat } from '../support/wat.ts';
import { chargesIn, editBody, find, functionNamed, type Part, part, replaceBytes } from './mutate.ts';

const program = wat(`(module
  (import "h" "look" (func $look))
  (type $unary (func (param i32) (result i32)))
  (memory 1)
  (table funcref (elem $double))
  (global $g (mut i32) (i32.const 5))
  (global $other (mut i32) (i32.const 6))
  (data (i32.const 8) "hello")
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $recurse (export "recurse") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 1))
      (else (i32.add (call $recurse (i32.sub (local.get 0) (i32.const 1))) (i32.const 2)))))
  (func $calls (export "calls") (param $n i32)
    (loop $again
      (call $look)
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $tight (export "tight") (param $n i32) (result i32) (local $s i32)
    (block $out
      (loop $again
        (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $n))))
        (br_if $out (i32.gt_u (local.get $s) (i32.const 1000)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $s))
  (func $count (export "count") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $i))))
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $n))))
    (local.get $s))
  (func $few (export "few") (result i32) (local $i i32) (local $s i32)
    (local.set $i (i32.const 12))
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $i))))
      (br_if $again (local.tee $i (i32.add (local.get $i) (i32.const -4)))))
    (local.get $s))
  (func $choose (export "choose") (param $n i32) (result i32)
    (block $a (block $b (block $c
      (br_table $a $b $c (local.get $n)))
      (return (i32.const 1)))
      (return (call_indirect (type $unary) (local.get $n) (i32.const 0))))
    (global.set $g (local.get $n))
    (i32.const 3))
  (func $straight (export "straight") (result i32)
    (i32.const 1) (i32.const 2) (i32.add)))`);

function verdict(bytes: Uint8Array, options: CheckOptions & InstrumentOptions = {}): readonly string[] {
  const { hookNames } = instrument(program, options);
  return checkRewritten(program, bytes, hookNames, options).violations.map(formatViolation);
}

const rewritten = instrument(program);
const { module } = rewritten;
const budget = module.globals.length;
const safepoint = module.functions.length;
const charge = 'global.get i32.const i32.sub';

function kinds(bytes: Uint8Array, options: CheckOptions = {}): readonly ViolationKind[] {
  const { violations } = checkRewritten(program, bytes, rewritten.hookNames, options);
  return violations.map(({ kind }) => kind);
}

/** One mistake in the body of a function is found, and it is of that kind. */
function mistake(title: string, name: string, kind: ViolationKind, edit: (parts: Part[]) => void): void {
  test(title, (t) => {
    t.deepEqual(verdict(rewritten.bytes), [], 'all is well before');
    const mutated = editBody(rewritten.bytes, functionNamed(module, name), edit);
    t.true(kinds(mutated).includes(kind), `${kinds(mutated)}`);
    const { violations } = checkRewritten(program, mutated, rewritten.hookNames);
    t.is(violations[0]!.function, name);
    t.is(typeof violations[0]!.rewrittenOffset, 'number');
  });
}

/** Where the check of a loop that calls begins and ends: charge, comparison, if, call, end. */
function checkIn(parts: readonly Part[], nth: number): [from: number, to: number] {
  const from = find(parts, charge, nth);
  return [from, find(parts.slice(from), 'end') + from + 1];
}

mistake('a check is missing in a loop', 'calls', 'cycle', (parts) => {
  const [from, to] = checkIn(parts, parts.findIndex(({ name }) => name === 'loop') < find(parts, charge) ? 0 : 1);
  parts.splice(from, to - from);
});

mistake('a check is missing at the entry of a recursive function', 'recurse', 'cycle', (parts) => {
  const [from, to] = checkIn(parts, 0);
  parts.splice(from, to - from);
});

mistake('a check stands before its loop', 'calls', 'cycle', (parts) => {
  const loop = find(parts, 'loop');
  const [from, to] = checkIn(parts, loop < find(parts, charge) ? 0 : 1);
  const check = parts.splice(from, to - from);
  parts.splice(loop, 0, ...check);
});

mistake('the budget is charged, but never tested', 'tight', 'cycle', (parts) => {
  const test = find(parts, 'i32.ge_s br_if');
  parts.splice(test, 2, part('drop', 0x1a), part('drop', 0x1a), part('br', 0x0c, 0));
});

const callOf = (parts: readonly Part[], index: number): number =>
  parts.findIndex(({ bytes }) => bytes[0] === 0x10 && bytes[1] === index);

mistake('the safepoint is not called', 'calls', 'safepoint', (parts) => {
  parts.splice(callOf(parts, safepoint), 1);
});

mistake('the test is the wrong way round', 'calls', 'safepoint', (parts) => {
  parts[find(parts, 'i32.lt_s')] = part('i32.ge_s', 0x4e);
});

mistake('the safepoint is called each time', 'calls', 'safepoint', (parts) => {
  const call = callOf(parts, safepoint);
  parts.splice(call + 1, 0, parts[call]!);
});

mistake('the safepoint is told another budget', 'count', 'safepoint', (parts) => {
  parts[find(parts, 'local.get i32.const i32.sub call')] = part('i32.const', 0x41, 9);
});

mistake('the safepoint is not told the budget that is in a local', 'count', 'safepoint', (parts) => {
  const call = callOf(parts, safepoint + 1);
  parts.splice(call, 1, part('drop', 0x1a), part('call', 0x10, safepoint), part('global.get', 0x23, budget));
});

test('the safepoint says that it is masked', (t) => {
  const options = { maskFunction: (name: string) => name === 'tight' };
  const { bytes } = instrument(program, options);
  const check = (mutated: Uint8Array) => verdict(mutated, options);
  t.deepEqual(check(bytes), []);
  const masked = editBody(bytes, functionNamed(module, 'calls'), (parts) => {
    const told = [part('global.get', 0x23, budget), part('call', 0x10, safepoint + 2), part('drop', 0x1a)];
    parts.splice(callOf(parts, safepoint), 1, ...told);
  });
  t.true(check(masked)[0]?.startsWith('safepoint'), check(masked).join());
  const unmasked = editBody(bytes, functionNamed(module, 'tight'), (parts) => {
    parts[callOf(parts, safepoint + 2)] = part('call', 0x10, safepoint + 1);
  });
  t.true(check(unmasked)[0]?.startsWith('safepoint'), check(unmasked).join());
});

mistake('a loop charges too little', 'calls', 'charge', (parts) => {
  parts[find(parts, charge, parts.findIndex(({ name }) => name === 'loop') < find(parts, charge) ? 0 : 1) + 1] = part(
    'i32.const',
    0x41,
    1,
  );
});

mistake('a loop charges nothing', 'tight', 'charge', (parts) => {
  const at = find(parts, 'global.set global.get i32.const i32.ge_s');
  parts[at - 2] = part('i32.const', 0x41, 0);
});

mistake('a charge is negative', 'calls', 'charge', (parts) => {
  parts[find(parts, charge) + 1] = part('i32.const', 0x41, 0x7f);
});

mistake('leaving a copied loop forgets to charge for the copies before', 'tight', 'charge', (parts) => {
  // Behind the one that goes round: the charges of the ways out.
  const from = find(parts, 'if global.get i32.const i32.sub global.set br', 1);
  parts.splice(from + 1, 4);
});

mistake('a strip of rounds is paid for as if the loop took bigger steps', 'count', 'order', (parts) => {
  parts[find(parts, 'i32.const i32.rotr')] = part('i32.const', 0x41, 2);
});

mistake('a strip pays less than its rounds cost', 'count', 'charge', (parts) => {
  // The weight stands where the strip is paid, in full and in part, and where the branch that it could not pay is.
  const cheap = (at: number, name: string, opcode: number): void => {
    parts[at] = part(name, opcode, 1);
  };
  cheap(find(parts, 'i64.const i64.mul'), 'i64.const', 0x42);
  cheap(find(parts, 'i32.const i32.div_u'), 'i32.const', 0x41);
  cheap(find(parts, 'i32.const i32.mul i32.sub'), 'i32.const', 0x41);
  cheap(find(parts, 'i32.const i32.sub call local.set'), 'i32.const', 0x41);
});

mistake('a strip runs to its bound though the budget does not pay for it', 'count', 'order', (parts) => {
  const at = find(parts, 'i64.const i64.ge_s');
  parts[at] = part('i64.const', 0x42, 0x40);
});

mistake('the branch back that a strip cannot pay costs less', 'count', 'safepoint', (parts) => {
  parts[find(parts, 'i32.const i32.sub call local.set')] = part('i32.const', 0x41, 1);
});

mistake('behind a strip nobody asks whether it reached the bound', 'count', 'control', (parts) => {
  const at = find(parts, 'local.get local.get i32.ne if');
  parts.splice(at, find(parts.slice(at), 'br end') + 2);
});

mistake('a loop counts with its bound, but looks at the budget as if it had a goal', 'count', 'cycle', (parts) => {
  const goal = find(parts, 'local.tee local.get i32.ne br_if') + 1;
  parts[goal] = part('local.get', 0x20, 0);
});

mistake('a region does not pay for all rounds of a loop that makes few', 'few', 'charge', (parts) => {
  const at = find(parts, charge) + 1;
  parts[at] = part('i32.const', 0x41, parts[at]!.bytes[1]! - 1);
});

mistake('a loop that seems to make few rounds makes more', 'few', 'order', (parts) => {
  parts[find(parts, 'i32.const local.set')] = part('i32.const', 0x41, 16);
});

mistake('a budget is kept in a local and not written back', 'count', 'budget', (parts) => {
  parts[find(parts, 'local.get global.set local.get end') + 1] = part('drop', 0x1a);
});

mistake('a budget is written back that misses a charge', 'calls', 'budget', (parts) => {
  const at = find(parts, `${charge} global.set`);
  parts.splice(at + 4, 0, part('global.set', 0x24, budget));
  parts.splice(at, 0, part('global.get', 0x23, budget));
});

mistake('the budget is written by something else', 'calls', 'budget', (parts) => {
  const [read, drop] = [part('global.get', 0x23, budget), part('drop', 0x1a)];
  parts.splice(0, 0, read, part('i32.const', 0x41, 5), part('global.set', 0x24, budget), drop);
});

mistake('an instruction reads another local', 'tight', 'order', (parts) => {
  const load = find(parts, 'local.get i32.load8_u');
  parts[load] = part('local.get', 0x20, 1);
});

mistake('an access has another offset', 'tight', 'order', (parts) => {
  parts[find(parts, 'i32.load8_u')] = part('i32.load8_u', 0x2d, 0, 4);
});

mistake('a call goes to another function', 'recurse', 'order', (parts) => {
  const recurse = functionNamed(module, 'recurse');
  const call = parts.findIndex(({ bytes }) => bytes[0] === 0x10 && bytes[1] === recurse);
  parts[call] = part('call', 0x10, functionNamed(module, 'double'));
});

mistake('an indirect call is of another table', 'choose', 'budget', (parts) => {
  const at = find(parts, 'call_indirect');
  parts[at] = part('call_indirect', 0x11, parts[at]!.bytes[1]!, module.tables.length);
});

mistake('two instructions are swapped', 'straight', 'order', (parts) => {
  const at = find(parts, 'i32.const i32.const i32.add');
  parts.splice(at, 2, parts[at + 1]!, parts[at]!);
});

mistake('an instruction is missing', 'choose', 'order', (parts) => {
  const at = find(parts, 'local.get global.set');
  parts.splice(at, 2);
});

mistake('an instruction stands twice', 'choose', 'order', (parts) => {
  const at = find(parts, 'local.get global.set');
  parts.splice(at, 0, parts[at]!, parts[at + 1]!);
});

mistake('a branch leads elsewhere', 'tight', 'order', (parts) => {
  const out = find(parts, 'i32.gt_u br_if');
  const label = parts[out + 1]!.bytes[1]!;
  parts[out + 1] = part('br_if', 0x0d, label + 1);
});

mistake('a branch table has its targets in another order', 'choose', 'order', (parts) => {
  const at = find(parts, 'br_table');
  const [opcode, count, first, second, ...rest] = parts[at]!.bytes;
  parts[at] = part('br_table', opcode!, count!, second!, first!, ...rest);
});

mistake('added code goes round by itself', 'straight', 'order', (parts) => {
  parts.splice(0, 0, part('loop', 3, 0x40), part('br', 0x0c, 0), part('end', 0x0b));
});

mistake('added code branches on something else', 'calls', 'safepoint', (parts) => {
  parts.splice(0, 0, part('global.get', 0x23, budget), part('if', 4, 0x40), part('end', 0x0b));
});

test('a stretch is over the stated bound', (t) => {
  const { longestStretch } = checkRewritten(program, rewritten.bytes, rewritten.hookNames);
  t.true(longestStretch.charged > 5);
  t.deepEqual(kinds(rewritten.bytes, { bound: longestStretch.charged }), []);
  t.deepEqual(kinds(rewritten.bytes, { bound: longestStretch.charged - 1 }), ['stretch']);
});

test('a loop module does not pass for an exact one', (t) => {
  t.true(kinds(rewritten.bytes, { granularity: 'block' }).some((kind) => kind === 'charge' || kind === 'order'));
});

test('exact counts: each charge is needed as it stands', (t) => {
  const exact = instrument(program, { granularity: 'block' });
  const check = (bytes: Uint8Array) =>
    checkRewritten(program, bytes, exact.hookNames, { granularity: 'block' }).violations.map(({ kind }) => kind);
  t.deepEqual(check(exact.bytes), []);
  for (const name of ['recurse', 'calls', 'tight', 'choose', 'straight']) {
    const index = functionNamed(module, name);
    everyCharge(exact.bytes, module, index, (mutated, charge) => {
      t.true(chargedWrongly(check(mutated)), `${name}, ${charge}`);
    });
  }
});

/** By itself, or while the safepoint is called, which takes off what is owed and gives it back. */
function chargedWrongly(found: readonly ViolationKind[]): boolean {
  return found.includes('charge') || found.includes('safepoint');
}

/** Makes each charge of a function one larger in turn. */
function everyCharge(
  bytes: Uint8Array,
  original: Module,
  index: number,
  then: (mutated: Uint8Array, charge: string) => void,
): void {
  let charges: number[] = [];
  editBody(bytes, index, (parts) => {
    charges = chargesIn(parts, original, index);
  });
  if (charges.length === 0) throw new Error(`function ${index} charges nothing`);
  for (const [nth, at] of charges.entries()) {
    const mutated = editBody(bytes, index, (parts) => {
      const weight = parts[at]!.bytes[1]!;
      parts[at] = part('i32.const', 0x41, weight === 0x3f ? 0x3e : weight + 1);
    });
    then(mutated, `charge ${nth} of ${charges.length}`);
  }
}

test('a check is missing between two loads', (t) => {
  const options = { granularity: 'access' } as const;
  const loads = wat('(module (memory 1) (func (export "f") (result i32) (i32.load (i32.load (i32.const 4)))))');
  const { bytes, hookNames } = instrument(loads, options);
  const check = (mutated: Uint8Array) => checkRewritten(loads, mutated, hookNames, options).violations;
  t.deepEqual(check(bytes), []);
  const charged = editBody(bytes, 0, (parts) => {
    // What is charged stays; what tests it between the loads goes.
    const from = find(parts, 'global.get i32.const i32.lt_s if', 1);
    parts.splice(from, find(parts.slice(from), 'end') + 1);
  });
  t.deepEqual(
    check(charged).map(({ kind }) => kind),
    ['stretch'],
  );
});

test('a probe is where it was asked for, and nowhere else', (t) => {
  const index = functionNamed(module, 'calls');
  const probed = instrument(program, { probes: [index] });
  const check = (probes: readonly number[]) =>
    checkRewritten(program, probed.bytes, probed.hookNames, { probes }).violations.map(({ kind }) => kind);
  t.deepEqual(check([index]), []);
  t.true(check([]).includes('safepoint'));
  t.true(check([index, index + 1]).includes('safepoint'));
});

test('masks are told as they were asked for', (t) => {
  const maskFunction = (name: string): boolean => name === 'calls';
  const masked = instrument(program, { maskFunction });
  t.deepEqual(checkRewritten(program, masked.bytes, masked.hookNames, { maskFunction }).violations, []);
  t.true(checkRewritten(program, masked.bytes, masked.hookNames).violations.length > 0);
});

test('what stands outside the code is as it was', (t) => {
  const sectionOf = (id: number): number => {
    const found = instrumentedModule().sections.find((section) => section.id === id)!;
    return found.body;
  };
  const changed = (old: readonly number[], now: readonly number[], id: number) =>
    kinds(replaceBytes(rewritten.bytes, old, now, sectionOf(id)));
  t.true(changed([...Buffer.from('hello')], [...Buffer.from('hallo')], sectionIds.data).includes('sections'), 'data');
  t.true(changed([0x41, 5, 0x0b], [0x41, 7, 0x0b], sectionIds.global).includes('sections'), 'a global');
  t.true(
    changed([...Buffer.from('look')], [...Buffer.from('lock')], sectionIds.import).includes('sections'),
    'imports',
  );
  t.true(
    changed([...Buffer.from('tight')], [...Buffer.from('light')], sectionIds.export).includes('sections'),
    'exports',
  );
  t.true(changed([0x0b, 1, 1], [0x0b, 1, 2], sectionIds.element).includes('sections'), 'elements');
  t.true(kinds(replaceBytes(rewritten.bytes, [...Buffer.from('wirq:set')], [...Buffer.from('wirq:sat')])).length > 0);
  const names = replaceBytes(rewritten.bytes, [...Buffer.from('double')], [...Buffer.from('treble')]);
  t.deepEqual(kinds(names), ['sections'], 'names');
});

function instrumentedModule() {
  return instrument(rewritten.bytes).module;
}

test('at `block` a budget that is in a local for a loop is written back on every way out', (t) => {
  // Two results: such functions have the budget in its global.
  const nest = wat(`(module (memory 1)
    (func (export "nest") (param $n i32) (param $m i32) (result i32 i32)
      (loop $outer
        (if (i32.eq (local.get $n) (i32.const 7)) (then (return (i32.const 1) (i32.const 1))))
        (local.set $m (local.get $n))
        (loop $inner
          (i32.store (local.get $m) (local.get $n))
          (br_if $inner (local.tee $m (i32.sub (local.get $m) (i32.const 4)))))
        (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.const 2) (i32.const 2)))`);
  const { bytes, hookNames, module } = instrument(nest, { granularity: 'block', unroll: false });
  const found = (mutated: Uint8Array) =>
    checkRewritten(nest, mutated, hookNames, { granularity: 'block' }).violations.map(({ kind }) => kind);
  t.deepEqual(found(bytes), []);
  const writesBack = [0x24, module.globals.length];
  let ways = 0;
  editBody(bytes, 0, (parts) => {
    ways = parts.filter(({ bytes: own }) => own[0] === writesBack[0] && own[1] === writesBack[1]).length;
  });
  t.is(ways, 3, 'the return, the end of the nest, the end of the function');
  for (let way = 0; way < 2; way++) {
    const mutated = editBody(bytes, 0, (parts) => {
      parts[find(parts, 'global.set', way)] = part('drop', 0x1a);
    });
    t.true(found(mutated).includes('budget'), `way ${way} out`);
  }
});

const leaving = wat(`(module
  (import "h" "look" (func $look))
  (memory 1)
  (func $least (param i32) (result i32)
    (if (result i32) (i32.and (local.get 0) (i32.const 1))
      (then (i32.const 1))
      (else (i32.load (i32.shl (local.get 0) (i32.const 2))))))
  (func $fibonacci (param i32) (result i32)
    (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    (i32.add (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
      (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))
  (func (export "run") (param i32) (result i32)
    (drop (call $least (local.get 0)))
    (drop (call $least (i32.const 2)))
    (call $look)
    (call $fibonacci (local.get 0))))`);

test('at `block` what a call leaves to be charged is the same on every way, and callers charge it', (t) => {
  const { bytes, hookNames, module } = instrument(leaving, { granularity: 'block' });
  const found = (mutated: Uint8Array) =>
    checkRewritten(leaving, mutated, hookNames, { granularity: 'block' }).violations.map(({ kind }) => kind);
  t.deepEqual(found(bytes), []);
  const names = ['least', 'fibonacci'].map((name) => functionNamed(module, name));
  for (const index of [...names, module.functions.length - 1]) {
    everyCharge(bytes, module, index, (mutated, charge) => {
      t.true(chargedWrongly(found(mutated)), `function ${index}, ${charge}`);
    });
  }
});

test('the appended functions do what they have to', (t) => {
  const edit = (index: number, change: (parts: Part[]) => void) => kinds(editBody(rewritten.bytes, index, change));
  for (const each of [safepoint, safepoint + 1]) {
    const forgets = edit(each, (parts) => {
      parts[find(parts, 'global.set')] = part('drop', 0x1a);
    });
    t.deepEqual(forgets, ['appended'], "the host's answer is forgotten, or the budget");
    const other = edit(each, (parts) => {
      parts[0] = part('i32.const', 0x41, 0);
    });
    t.deepEqual(other, ['appended'], 'the host sees another budget');
    const twice = edit(each, (parts) => {
      parts.splice(parts.length - 1, 0, part('call', 0x10, safepoint));
    });
    t.deepEqual(twice, ['appended'], 'the host is asked twice, or for ever');
  }
  t.deepEqual(
    edit(safepoint + 2, (parts) => parts.splice(0, 1, part('global.get', 0x23, 0))),
    ['appended'],
    'another global is read',
  );
});

test('a module that is cut short is malformed, and never throws', (t) => {
  for (let length = 0; length < rewritten.bytes.length; length += 7) {
    const found = kinds(rewritten.bytes.subarray(0, length));
    t.true(found.length > 0, `${length}`);
  }
});
