/** The benchmark programs compute what the standards say and what the table says, so that a ratio compares right results. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Kernel, kernelBytes, kernels, mainLoop } from '../../bench/kernels.ts';
import { root } from '../support/root.ts';

interface KernelExports {
  readonly run: (n: number) => number;
  readonly selftest?: () => number;
}

function load(kernel: Kernel): KernelExports {
  const module = new WebAssembly.Module(kernelBytes(root, kernel));
  return new WebAssembly.Instance(module, {}).exports as unknown as KernelExports;
}

test('every C source in bench/kernels is in the table, and nothing else is', (t) => {
  const sources = readdirSync(join(root, 'bench', 'kernels')).filter((file) => file.endsWith('.c'));
  const named = [...kernels, mainLoop].map((kernel) => `${kernel.name}.c`);
  t.deepEqual(named.toSorted(), sources.toSorted());
});

for (const kernel of kernels) {
  test(`${kernel.name} meets its known answers and its checksum`, (t) => {
    const { run, selftest } = load(kernel);
    t.is(selftest?.(), 0, 'the number of the first known answer that was missed');
    t.is(run(kernel.n), kernel.checksum);
    t.is(run(kernel.n), kernel.checksum, 'the same again: a run leaves nothing behind');
  });
}

test('main-loop computes its checksum', (t) => {
  t.is(load(mainLoop).run(mainLoop.n), mainLoop.checksum);
});

test('no kernel imports anything', (t) => {
  for (const kernel of [...kernels, mainLoop]) {
    t.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(kernelBytes(root, kernel))), [], kernel.name);
  }
});
