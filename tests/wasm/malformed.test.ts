/** Broken modules, made from good ones by flipping, cutting and splicing, give a typed error: no crash, no hang, no other error. */
import test from 'ava';
import fc from 'fast-check';
import { WirqError } from '../../src/errors.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';

const good = wat(`(module
  (type $t (func (param i32) (result i32)))
  (import "m" "f" (func $f (param i32))) (import "m" "mem" (memory 1))
  (table 4 funcref) (global $g (mut i32) (i32.const 3)) (tag $e (param i32))
  (elem (i32.const 0) $a $b) (data (i32.const 0) "text") (data $passive "more")
  (func $a (type $t) (local i64 f32 v128)
    (block $out (loop $l (br_table $l $out (local.get 0))))
    (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 2))
    (try (do (throw $e (i32.const 1))) (catch $e (drop)))
    (if (result i32) (global.get $g) (then (call_indirect (type $t) (i32.const 1) (i32.const 1))) (else (i32.const -70000))))
  (func $b (export "b") (type $t) (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    (v128.const i64x2 1 2) (i8x16.splat (local.get 0)))) (f64.const 1.5) (i32.trunc_sat_f64_s))
  (start $s) (func $s))`);

function accepts(bytes: Uint8Array): boolean {
  try {
    instrument(bytes);
    return true;
  } catch (error) {
    if (error instanceof WirqError) return false;
    throw error;
  }
}

test('flipped bytes', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (flips) => {
      const bytes = good.slice();
      for (const [at, value] of flips) bytes[at] = value;
      const accepted = accepts(bytes);
      // What V8 takes we take (but for version and section numbers V8 skips): the other direction of transparency.
      if (WebAssembly.validate(bytes)) {
        t.true(accepted);
        t.true(WebAssembly.validate(instrument(bytes).bytes));
      }
    }),
    { numRuns: 2000 },
  );
});

test('every way of cutting a module short', (t) => {
  for (let length = 0; length < good.length; length++) {
    const bytes = good.slice(0, length);
    if (accepts(bytes)) t.true(WebAssembly.validate(bytes), `cut to ${length} bytes`);
  }
  t.pass();
});

test('spliced modules', (t) => {
  fc.assert(
    fc.property(fc.nat(good.length), fc.nat(good.length), (to, from) => {
      accepts(Uint8Array.of(...good.slice(0, to), ...good.slice(from)));
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

test('anything behind a valid header', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rubbish) => {
      accepts(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...rubbish));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('an error says which function and where', (t) => {
  const bytes = wat('(module (func $broken (export "x") (drop (i32.const 7))))').slice();
  const at = bytes.lastIndexOf(0x41);
  bytes[at] = 0x27;
  const error = t.throws(() => instrument(bytes), { instanceOf: WirqError, code: 'unsupported' });
  t.deepEqual(error.place, { offset: at, function: 'broken' });
});
