/** `wirq doctor`: what this engine offers, and what each missing thing costs. */
import { engineFeatures, engineName } from '../host/engine.ts';
import { print } from '../host/standard-streams.ts';
import { readArguments } from './arguments.ts';
import { type Command, type Description, UsageError } from './command.ts';
import { COMMON_OPTIONS, helped } from './help.ts';

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
    if (args.flag('json')) {
      print(`${JSON.stringify({ engine: engineName(), features }, undefined, 2)}\n`);
      return 0;
    }
    const width = Math.max(...features.map((each) => each.name.length));
    const lines = features.map(
      (each) =>
        `  ${each.available ? 'yes' : 'no '}  ${each.name.padEnd(width)}  ${each.available ? each.use : each.cost}`,
    );
    print(
      `${engineName()}\n${lines.join('\n')}\n\nThis version: virtual clock, safepoints, stacks nested, by wasmfx, jspi or asyncify.\n`,
    );
    return 0;
  },
};
