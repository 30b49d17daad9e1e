/** What is said of the engine is so, and small and large modules are compiled. */
import test from 'ava';
import { compileForRun, engineFeatures, engineName, OPTIMISE_UP_TO_BYTES } from '../../src/host/engine.ts';
import { wat } from '../support/wat.ts';

const feature = (name: string) => engineFeatures().find((each) => each.name.startsWith(name));

/** By the version: from which V8 on a feature is there. */
function atLeast(major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = process.versions.v8.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

test('names the engine', (t) => {
  t.is(engineName(), `Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`);
});

test('what every supported engine has is found', (t) => {
  for (const name of ['branch hints', 'inspector', 'SIMD', 'tail calls']) t.true(feature(name)?.available, name);
});

test('what came later is found from then on', (t) => {
  t.is(feature('garbage collection')?.available, atLeast(11, 9));
  t.is(feature('multiple memories')?.available, atLeast(12, 0));
  t.is(feature('exception handling')?.available, atLeast(13, 7));
  t.is(feature('memory64')?.available, atLeast(13, 3));
  t.is(feature('JSPI')?.available, 'Suspending' in WebAssembly);
});

test('each feature says what it is used for, and what its lack costs', (t) => {
  const names = engineFeatures().map((each) => each.name);
  t.is(new Set(names).size, names.length);
  for (const { use, cost } of engineFeatures()) t.true(use.length > 10 && cost.length > 10);
});

test('asking twice gives the same', (t) => {
  t.deepEqual(engineFeatures(), engineFeatures());
});

test('modules of any size are compiled, and run', (t) => {
  const small = wat('(module (func (export "answer") (result i32) i32.const 42))');
  // A custom section makes it larger than what is optimised at once.
  const size = OPTIMISE_UP_TO_BYTES + 2;
  const section = [0, 0x80 | (size & 0x7f), 0x80 | ((size >> 7) & 0x7f), size >> 14, 1, 0x78];
  const large = new Uint8Array(small.length + 4 + size);
  large.set(small);
  large.set(section, small.length);
  for (const bytes of [large, small]) {
    const { answer } = new WebAssembly.Instance(compileForRun(bytes)).exports;
    t.is((answer as () => number)(), 42);
  }
});

test('what is no module is refused as the engine refuses it', (t) => {
  t.throws(() => compileForRun(Uint8Array.of(1, 2, 3)), { instanceOf: WebAssembly.CompileError });
});
