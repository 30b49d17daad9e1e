/** `--verify`: a run that proves the rewritten module first says nothing of it when all is well; a violation is wirq's own fault. */
import test from 'ava';
import { AssertionError } from '../../src/assert.ts';
import { verifyRewriting } from '../../src/machine/verify.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { cleanUp, folderWith, wirq } from '../support/cli.ts';
import { wat } from '../support/wat.ts';
import { allFirmware } from './firmware.ts';

test.after.always(cleanUp);

const cwd = folderWith(allFirmware());

test('a verified run goes like any other', async (t) => {
  const plain = await wirq(['--digest', 'seven.wasm'], { cwd });
  const verified = await wirq(['--verify', '--digest', 'seven.wasm'], { cwd });
  t.is(verified.code, 7);
  t.is(verified.stdout, plain.stdout);
});

test('every granularity, with a watched function', async (t) => {
  for (const granularity of ['loop', 'block', 'access', 'instruction']) {
    const options = ['--verify', '--granularity', granularity, '--irq', '3@func:work#5', 'until-interrupted.wasm'];
    t.is((await wirq(options, { cwd })).code, 4, granularity);
  }
});

test('what a violation is reported as', (t) => {
  const module = wat('(module (func (export "main") (loop $l (br_if $l (i32.const 0)))))');
  const rewritten = instrument(module);
  t.notThrows(() => verifyRewriting(module, rewritten, {}));
  const failure = t.throws(() => verifyRewriting(module, { ...rewritten, bytes: module }, {}), {
    instanceOf: AssertionError,
  });
  t.regex(failure.message, /the rewritten module is not what it has to be\n {2}sections: /);
});
