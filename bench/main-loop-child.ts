/**
 * One run of the main-loop firmware in a process of its own, as `plain` node runs it or in a `machine`; prints time and checksum.
 * A process each, because V8's choice of tiers is for a whole process and a run must meet code that nobody has warmed up.
 * Arguments: plain|machine, dynamic|optimised, n.
 */
import { Machine } from '../src/machine/machine.ts';
import { setTiers } from './engine.ts';
import { kernelBytes, mainLoop } from './kernels.ts';
import { root } from './root.ts';

const [kind, tiers, n] = process.argv.slice(2);
const bytes = kernelBytes(root, mainLoop);
if (tiers === 'optimised') setTiers('optimised');

// Both sides are timed from the module's bytes to the result: compiling, and for us rewriting, belong to it.
const start = performance.now();
const checksum = kind === 'machine' ? inMachine() : plain();
process.stdout.write(JSON.stringify({ ms: performance.now() - start, checksum }));

function plain(): number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  return (exports.run as (n: number) => number)(Number(n));
}

function inMachine(): number {
  return Number(Machine.load(bytes, { invoke: 'run', args: [n!] }).run().returned[0]);
}
