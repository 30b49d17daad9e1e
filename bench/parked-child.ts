/**
 * Parks stacks in a process of its own and prints by how much that has grown, in bytes. Arguments: kind of stacks, how many.
 * To be run with --expose-gc.
 */
import type { BackendName } from '../src/stacks/backend.ts';
import { root } from './root.ts';
import { kindsHere, Stacked, switchProgramBytes } from './stack-programs.ts';

const [kind, many] = process.argv.slice(2);
kindsHere(); // switches on what has to be
const collect = (globalThis as { gc?: () => void }).gc!;
const stacked = await Stacked.make(switchProgramBytes(root), kind as BackendName);
let before = 0;
let after = 0;
const resident = () => {
  collect();
  return process.memoryUsage().rss;
};
await stacked.run('park_many', [1], 1, () => {
  before = resident();
});
await stacked.run('park_many', [Number(many)], Number(many), () => {
  after = resident();
});
process.stdout.write(String(after - before));
