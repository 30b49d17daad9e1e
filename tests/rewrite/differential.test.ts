/** A batch of random modules, rewritten and interrupted at random, does what the originals do. Thousands: `npm run fuzz`. */
import test, { type ExecutionContext } from 'ava';
import { instrument } from '../../src/rewrite/instrument.ts';
import { wat } from '../support/wat.ts';
import { randomModule } from './differential-modules.ts';
import { compare, granularities } from './differential-run.ts';

const modules = 120;
const firstSeed = 1;

test('random modules compute the same, interrupted or not', async (t) => {
  let compared = 0;
  let interrupts = 0;
  const [first, ...others] = granularities();
  for (let seed = firstSeed; seed < firstSeed + modules; seed++) {
    const { bytes } = await randomModule(seed);
    // All of them on all modules would take too long here.
    const ways = [first, others[seed % others.length]].filter((way) => way !== undefined);
    const comparison = compare(bytes, seed, { granularities: ways });
    if (comparison.outcome !== 'invalid') compared++;
    interrupts += comparison.interrupts;
    t.deepEqual(comparison.differences, [], `repeat with: npm run fuzz -- --seed ${seed} --count 1`);
  }
  // Engines of today take nearly all of them; Node 20's, without garbage collection and wide memories, about a fifth.
  t.true(compared > modules / 8, `${compared} of ${modules} modules were valid`);
  t.true(interrupts > 5000, `${interrupts} interrupts`);
});

/** That the comparison can fail: rewriters that get something wrong. */
function rewriteWrongly(spoil: (bytes: Uint8Array<ArrayBuffer>) => void): typeof instrument {
  return (bytes, options) => {
    const instrumented = instrument(bytes, options);
    const spoilt = instrumented.bytes.slice();
    spoil(spoilt);
    return { ...instrumented, bytes: spoilt };
  };
}

function find(bytes: Uint8Array, pattern: readonly number[]): number {
  for (let at = 0; at < bytes.length; at++) if (pattern.every((byte, i) => bytes[at + i] === byte)) return at;
  throw new Error('the pattern does not occur');
}

const sample = wat(`(module
  (global $g (export "g") (mut i32) (i32.const 0)) (memory (export "m") 1)
  (func (export "test:handler"))
  (func (export "sum") (result i32) (local $i i32)
    (loop $l (local.set $i (i32.add (local.get $i) (i32.const 33)))
      (i32.store8 (local.get $i) (i32.const 44))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 555))))
    (global.set $g (i32.const 66))
    (local.get $i)))`);

function caught(t: ExecutionContext, spoil: (bytes: Uint8Array<ArrayBuffer>) => void, expected: RegExp): void {
  const comparison = compare(sample, 1, { granularities: ['loop'], rewrite: rewriteWrongly(spoil) });
  t.is(comparison.outcome, 'different');
  t.regex(comparison.differences[0] ?? '', expected);
}

test('a rewriter that changes a result, a memory, a global or a trap is caught', (t) => {
  t.is(compare(sample, 1, { granularities: ['loop'] }).outcome, 'same');
  caught(
    t,
    (bytes) => {
      bytes[find(bytes, [0x41, 33, 0x6a]) + 1] = 34;
    },
    /sum gives \d+" instead of "sum gives 561/,
  );
  caught(
    t,
    (bytes) => {
      bytes[find(bytes, [0x41, 44]) + 1] = 45;
    },
    /"m has 65536 bytes/,
  );
  caught(
    t,
    (bytes) => {
      bytes[find(bytes, [0x41, 0xc2, 0, 0x24]) + 1] = 0xc3;
    },
    /"g is 67" instead of "g is 66"/,
  );
  caught(
    t,
    (bytes) => {
      bytes[find(bytes, [0x41, 33, 0x6a])] = 0;
    },
    /takes the original, but not the rewritten/,
  );
});
