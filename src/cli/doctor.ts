/** `wirq doctor`: what this engine offers, and what each missing thing costs. */
import { engineFeatures, engineName } from '../host/engine.ts';
import { type Command, parser } from './command.ts';

export const doctor: Command = {
  async main(argv) {
    const parsed = await parser('doctor', argv)
      .usage('wirq doctor\n\nSays what this engine offers, and what each missing thing costs.')
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .parseAsync();
    if ('help' in parsed || 'version' in parsed) return 0;
    const features = engineFeatures();
    if (parsed.json) {
      process.stdout.write(`${JSON.stringify({ engine: engineName(), features }, undefined, 2)}\n`);
      return 0;
    }
    const width = Math.max(...features.map((each) => each.name.length));
    const lines = features.map(
      (each) =>
        `  ${each.available ? 'yes' : 'no '}  ${each.name.padEnd(width)}  ${each.available ? each.use : each.cost}`,
    );
    process.stdout.write(
      `${engineName()}\n${lines.join('\n')}\n\nThis version: virtual clock, safepoints, nested handler stacks.\n`,
    );
    return 0;
  },
};
