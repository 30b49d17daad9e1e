/**
 * A process that does the jobs of real-modules-programs.ts and prints a JSON line for each. Started by real-modules.test.ts:
 * once as it is, and once for each way of interrupting, given as the arguments: granularity (or `flag`: nothing is counted), largest budget, names of programs.
 */
import { granularities } from './differential-run.ts';
import { interruptEverything } from './real-modules-interrupter.ts';
import { realPrograms } from './real-modules-programs.ts';

const [way, maxBudget, ...names] = process.argv.slice(2);
const granularity = way === 'flag' ? 'loop' : granularities().find((candidate) => candidate === way);
const counting = way === 'flag' ? 'none' : 'instructions';
const counts =
  granularity === undefined
    ? { modules: 0, interrupts: 0 }
    : interruptEverything({ granularity, counting, maxBudget: Number(maxBudget) });

for (const { name, job } of realPrograms) {
  if (names.length > 0 && !names.includes(name)) continue;
  const before = { ...counts };
  let outcome: string;
  try {
    outcome = await job();
  } catch (error) {
    outcome = `fails: ${error instanceof Error ? error.stack : error}`;
  }
  const modules = counts.modules - before.modules;
  process.stdout.write(
    `${JSON.stringify({ name, outcome, modules, interrupts: counts.interrupts - before.interrupts })}\n`,
  );
}
// Go's runtime keeps timers of its own.
process.exit(0);
