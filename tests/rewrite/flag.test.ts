/** Without counting: a safepoint only looks whether the host made the budget negative, and the checker proves that it is so. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { root } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { type Hosted, host, plain } from './harness.ts';
import { editBody, find, part } from './mutate.ts';
import { shapes } from './programs.ts';

const counting = 'none' as const;
const kernels = join(root, 'bench/kernels');

function violations(original: Uint8Array, rewritten: Uint8Array): readonly string[] {
  const { hookNames } = instrument(original, { counting });
  return checkRewritten(original, rewritten, hookNames, { counting }).violations.map(formatViolation);
}

test('every kernel is interruptible without counting, and nothing is charged', (t) => {
  const names = readdirSync(kernels).filter((name) => name.endsWith('.wasm'));
  t.true(names.length >= 20);
  for (const name of names) {
    const bytes = readFileSync(join(kernels, name));
    t.deepEqual(violations(bytes, instrument(bytes, { counting }).bytes), [], name);
    t.true(violations(bytes, instrument(bytes).bytes).length > 0, `${name} counted is something else`);
  }
});

test('the results are those of the original, and the host is called while it wants attention', (t) => {
  const imports = { h: { look: () => {} } };
  const expected = plain(shapes, imports);
  const quiet: Hosted = host(shapes, { counting, imports });
  const wanting: Hosted = host(shapes, { counting, imports, quantum: -1 });
  for (const name of ['exits', 'value', 'table', 'nested', 'pair']) {
    for (const n of [1, 2, 3, 5, 13, 64, 1003]) {
      t.deepEqual(quiet.exports[name](n), expected[name](n), `${name}(${n})`);
      t.deepEqual(wanting.exports[name](n), expected[name](n), `${name}(${n})`);
    }
  }
  t.is(quiet.calls.length, 0);
  t.is(quiet.spent(), 0, 'nothing is counted');
  t.true(wanting.calls.length > 100, `${wanting.calls.length}`);
});

const loops = wat(`(module
  (import "h" "look" (func $look))
  (memory 1)
  (func (export "run") (param $n i32)
    (loop $again
      (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
      (call $look)
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`);

test('a look that is missing is noticed, and a charge that should not be there', (t) => {
  const { bytes, module } = instrument(loops, { counting });
  const budget = module.globals.length;
  t.deepEqual(violations(loops, bytes), []);
  const blind = editBody(bytes, 1, (parts) => {
    const from = find(parts, 'global.get i32.const i32.lt_s if');
    parts.splice(from, find(parts.slice(from), 'end') + 1);
  });
  t.true(violations(loops, blind).some((text) => text.startsWith('cycle')));
  const charging = editBody(bytes, 1, (parts) => {
    const [get, set] = [part('global.get', 0x23, budget), part('global.set', 0x24, budget)];
    parts.unshift(get, part('i32.const', 0x41, 1), part('i32.sub', 0x6b), set);
  });
  t.true(violations(loops, charging).some((text) => text.startsWith('charge')));
});

test('granularities that count exactly cannot do without', (t) => {
  for (const granularity of ['block', 'access', 'instruction'] as const) {
    const error = t.throws(() => instrument(loops, { counting, granularity }), { instanceOf: WirqError });
    t.is(error.code, 'bad-argument');
  }
});
