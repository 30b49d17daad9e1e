/** A file of host functions: what it throws is its own fault, and what it gives at once can be called. */
import { join } from 'node:path';
import test from 'ava';
import { loadHostFunctions } from '../../src/host/host-functions.ts';
import { Machine } from '../../src/machine/machine.ts';
import { asyncify } from '../stacks/machines.ts';
import { cleanUp, folderWith } from '../support/cli.ts';
import { wat } from '../support/wat.ts';

test.after.always(cleanUp);

const GUEST = wat(`(module (import "env" "f" (func $f (result i32))) (memory (export "memory") 1)
  (func (export "main") (result i32) (call $f)))`);

async function runs(text: string) {
  const file = join(folderWith({ 'functions.mjs': text }), 'functions.mjs');
  const imports = await loadHostFunctions(file);
  return Machine.load(GUEST, { invoke: 'main', asyncify, imports }).runAsync();
}

for (const [what, functions, message] of [
  ['a call that throws', '{ env: { f() { throw new TypeError("no"); } } }', 'env.f threw TypeError: no'],
  ['an async one', '{ env: { f: { async: {}, call() { throw new Error("early"); } } } }', 'env.f threw Error: early'],
  [
    'what makes an answer of a rejection',
    '{ env: { f: { async: { rejected() { throw 7; } }, call: async () => { throw 1; } } } }',
    'env.f: rejected threw 7',
  ],
] as const) {
  test(`${what} is told with the file and the function`, async (t) => {
    const { outcome } = await runs(`export default ${functions}`);
    t.is(outcome.kind, 'trap');
    t.true(JSON.stringify(outcome).includes(`functions.mjs: ${message}`), JSON.stringify(outcome));
  });
}

test('a default export that throws, or has to be waited for, is refused', async (t) => {
  const throws = 'export default () => { throw new Error("at once"); }';
  await t.throwsAsync(runs(throws), { code: 'bad-file', message: /its default export threw Error: at once/ });
  await t.throwsAsync(runs('export default async () => ({ env: {} })'), {
    code: 'bad-file',
    message: /gives no modules of functions/,
  });
});

test('async functions are known by their kind, and rejections reach the guest', async (t) => {
  const { returned } = await runs('export default { env: { async f() { return 41; } } }');
  t.deepEqual(returned, [41]);
  const rejects = '{ f: { async: { rejected: (reason) => -reason.code }, call: async () => { throw { code: 5 }; } } }';
  t.deepEqual((await runs(`export default () => ({ env: ${rejects} })`)).returned, [-5]);
});
