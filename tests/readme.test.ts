/** The commands that the documentation shows: each works as it stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cleanUp, wirq } from './support/cli.ts';
import { root } from './support/root.ts';

test.after.always(cleanUp);

/** `npx wirq …`, in a console block or in backquotes, with what is piped into it. Not those that leave something out. */
function commandsIn(file: string): { readonly args: string[]; readonly input: string | undefined }[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/(?:printf '([^']*)' \| )?npx wirq ([^\n`]+)/g)];
  return found
    .filter(([, , command]) => !command!.includes('…'))
    .map(([, input, command]) => ({
      args: command!
        .replace(/\s+#\s.*$/, '')
        .trim()
        .split(/\s+/),
      input: input?.replace('\\n', '\n').replace('\\004', '\x04'),
    }));
}

for (const file of ['README.md', 'firmware-samples/README.md']) {
  test(`the commands of ${file} work`, async (t) => {
    const commands = commandsIn(file);
    t.true(commands.length >= 4);
    for (const { args, input } of commands) {
      const { code, stderr } = await wirq(args, { cwd: root, ...(input === undefined ? {} : { input }) });
      t.is(code, 0, `npx wirq ${args.join(' ')}\n${stderr}`);
    }
  });
}
