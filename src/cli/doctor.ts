/** `wirq doctor`: what this engine offers, and what each missing thing costs. */
import { cacheDirectory } from '../host/asyncify-cache.ts';
import { engineFeatures, engineName } from '../host/engine.ts';
import { print } from '../host/standard-streams.ts';
import { readArguments } from './arguments.ts';
import { type Command, type Description, UsageError } from './command.ts';
import { COMMON_OPTIONS, helped } from './help.ts';
import { backendReports } from './stacks.ts';

export const DOCTOR = {
  name: 'doctor',
  usage: 'wirq doctor [--json]\n\nSays what this engine offers, and what each missing thing costs.',
  options: {
    json: { type: 'flag', describe: 'print JSON' },
    ...COMMON_OPTIONS,
  },
  examples: [['wirq doctor', 'the engine that runs wirq here']],
} as const satisfies Description;

export const doctor: Command = {
  async main(argv) {
    const args = readArguments(DOCTOR, argv);
    if (await helped(DOCTOR, args)) return 0;
    if (args.positionals.length > 0)
      throw new UsageError(`doctor takes no arguments, not ${args.positionals.join(' ')}`);
    const features = engineFeatures();
    const stacks = await backendReports();
    const best = stacks.find((each) => each.available && each.name !== 'nested')?.name;
    if (args.flag('json')) {
      const report = { engine: engineName(), features, stacks: { auto: best ?? null, backends: stacks } };
      print(`${JSON.stringify(report, undefined, 2)}\n`);
      return 0;
    }
    const table = aligned(
      features.map((each) => [each.available, each.name, each.available ? each.use : each.cost] as const),
    );
    const backends = aligned(stacks.map((each) => [each.available, each.name, each.why] as const));
    const choice =
      best === undefined
        ? 'Guests with tasks or stacks, or that call what answers with a promise, cannot run here.'
        : `Guests with tasks or stacks, or that call what answers with a promise, run on ${best}; all others nested.`;
    const cache = cacheDirectory();
    const kept = `What Binaryen made is ${cache === undefined ? 'not kept (WIRQ_CACHE=off)' : `kept in ${cache} (WIRQ_CACHE)`}.`;
    print(`${engineName()}\n${table}\n\nstacks (--stacks)\n${backends}\n\n${choice}\n${kept}\n`);
    return 0;
  },
};

function aligned(rows: readonly (readonly [available: boolean, name: string, words: string])[]): string {
  const width = Math.max(...rows.map(([, name]) => name.length));
  return rows
    .map(([available, name, words]) => `  ${available ? 'yes' : 'no '}  ${name.padEnd(width)}  ${words}`)
    .join('\n');
}
