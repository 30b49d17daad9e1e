/** The commands that the documentation shows: each works as it stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, wirq } from './support/cli.ts';
import { root } from './support/root.ts';

test.after.always(cleanUp);

interface Command {
  readonly args: string[];
  readonly input: string | undefined;
  readonly exitCode: number;
}

/**
 * `npx wirq …`, in a console block or in backquotes, with what is piped into it; `(exit 130)` behind says that it does not end
 * with 0. Not those that leave something out.
 */
function commandsIn(file: string): Command[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/(?:printf '([^']*)' \| )?npx wirq ([^\n`]+)(?:` \(exit (\d+)\))?/g)];
  return found
    .filter(([, , command]) => !command!.includes('…'))
    .map(([, input, command, exitCode]) => ({
      args: command!
        .replace(/\s+#\s.*$/, '')
        .trim()
        .split(/\s+/),
      input: input?.replace('\\n', '\n').replace('\\004', '\x04'),
      exitCode: Number(exitCode ?? 0),
    }));
}

for (const file of ['README.md', 'firmware-samples/README.md']) {
  test(`the commands of ${file} work`, async (t) => {
    const commands = commandsIn(file);
    t.true(commands.length >= 4);
    for (const { args, input, exitCode } of commands) {
      const { code, stderr } = await wirq(args, { cwd: root, ...(input === undefined ? {} : { input }) });
      t.is(code, exitCode, `npx wirq ${args.join(' ')}\n${stderr}`);
    }
  });
}
