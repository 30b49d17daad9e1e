/** The other side of `runMain` (cli.ts): a process that calls the command line's `main` as often as it is told to. */
import { main } from '../../src/cli/main.ts';

export interface Order {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

process.on('message', async ({ args, cwd, env }: Order) => {
  process.chdir(cwd);
  const before = setEnvironment(env);
  const code = await main(args);
  setEnvironment(before);
  process.send!({ code });
});

/** @returns what there was before. */
function setEnvironment(env: Order['env']): Order['env'] {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return before;
}

process.on('disconnect', () => process.exit(0));
