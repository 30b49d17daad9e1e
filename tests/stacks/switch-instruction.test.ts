/** Goal: a guest that uses an instruction which V8 validates but cannot compile is refused, and does not end the process. */
import test from 'ava';
import { enableStackSwitching } from '../../src/host/engine.ts';
import { Machine } from '../../src/machine/machine.ts';
import { newWat } from '../support/binaryen.ts';

(enableStackSwitching() ? test : test.skip)('switch is refused, with its place', (t) => {
  const bytes = newWat(`(module
    (rec (type $f (func (param (ref null $c)))) (type $c (cont $f)))
    (tag $s) (elem declare func $body)
    (func $body (type $f) (param $k (ref null $c)) (loop $l (local.set $k (switch $c $s (local.get $k))) (br $l)))
    (func (export "_start") (resume $c (on $s switch) (ref.null $c) (cont.new $c (ref.func $body)))))`);
  const error = t.throws(() => Machine.load(bytes).run(), { code: 'unsupported' });
  t.regex(String(error), /switch of stack switching/);
});
