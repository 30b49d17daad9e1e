/** What the engine rejects never runs: a machine says so with a WirqError that has a place, however far our own reading got. */
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { Machine } from '../../src/machine/machine.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { parseModule, sectionIds } from '../../src/wasm/module.ts';
import { checkMutation, mutate } from '../rewrite/differential-mutations.ts';
import { wat } from '../support/wat.ts';

const good = wat(`(module
  (type $t (func (param i32) (result i32)))
  (memory 1) (table 4 funcref) (global $g (mut i32) (i32.const 3))
  (elem (i32.const 0) $a $main) (data (i32.const 0) "text")
  (func $a (type $t) (local i64 f32)
    (block $out (loop $l (br_table $l $out (local.tee 0 (i32.add (local.get 0) (i32.const 1))))))
    (if (result i32) (global.get $g) (then (i32.load (i32.const 4))) (else (i32.const -70000))))
  (func $main (export "main") (result i32) (call_indirect (type $t) (i32.const 1) (i32.const 0)))
  (start $s) (func $s))`);

const options = { invoke: 'main', maxInstructions: 10_000 };

test('mutated modules are refused with a place', (t) => {
  let refused = 0;
  let onlyByTheEngine = 0;
  for (let seed = 1; seed <= 3000; seed++) {
    const bytes = mutate(good, seed);
    const { valid, becameValid } = checkMutation(bytes);
    // What rewriting makes valid has a test of its own.
    if (valid || becameValid) continue;
    const error = t.throws(() => Machine.load(bytes, options).run(), { instanceOf: WirqError }, `seed ${seed}`);
    if (['missing-import', 'bad-argument'].includes(error.code)) continue;
    t.true(['bad-module', 'unsupported', 'limit'].includes(error.code), `seed ${seed}: ${error.code}`);
    t.not(error.place?.offset, undefined, `seed ${seed}: ${error.report}`);
    refused++;
    if (accepts(bytes)) onlyByTheEngine++;
  }
  t.true(refused > 1500, `${refused} refused`);
  t.true(onlyByTheEngine > 50, `${onlyByTheEngine} by the engine alone`);
});

function accepts(bytes: Uint8Array): boolean {
  try {
    instrument(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A module without the sections of these numbers. */
function without(bytes: Uint8Array, ...ids: readonly number[]): Uint8Array {
  const { sections } = parseModule(bytes);
  const kept = sections
    .filter(({ id }) => !ids.includes(id))
    .flatMap(({ start, end }) => [...bytes.subarray(start, end)]);
  return Uint8Array.of(...bytes.subarray(0, 8), ...kept);
}

const hijackers: Readonly<Record<string, Uint8Array>> = {
  'a global behind the last, where the budget is appended': without(
    wat(`(module (global $budget (mut i32) (i32.const 0)) (func (export "main") (local $i i32) (loop $l
      (global.set $budget (i32.const 0x7fffffff))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))))`),
    sectionIds.global,
  ),
  'a table behind the last, where the hooks are appended': without(
    wat('(module (table 2 funcref) (func (export "main") (table.set 0 (i32.const 0) (ref.null func))))'),
    sectionIds.table,
  ),
  'a start function with a parameter': (() => {
    const bytes = wat('(module (func (param i32)) (func (export "main")) (start 1))').slice();
    const { sections } = parseModule(bytes);
    bytes[sections.find(({ id }) => id === sectionIds.start)!.body] = 0;
    return bytes;
  })(),
};

for (const [what, bytes] of Object.entries(hijackers)) {
  test(`a module is refused that uses ${what}`, (t) => {
    t.false(WebAssembly.validate(new Uint8Array(bytes)));
    const error = t.throws(() => Machine.load(bytes, options).run(), { instanceOf: WirqError });
    t.is(error.code, 'bad-module');
    t.not(error.place?.offset, undefined);
  });
}
