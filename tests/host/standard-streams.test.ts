/** The process's own standard streams, read and written synchronously, seen from outside. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { program, run } from './stream-program.ts';

test('a file and a pipe are no terminals', (t) => {
  t.is(run('print(String(isTerminal(1)) + isTerminal(2));').stdout, 'falsefalse');
});

test('reads standard input as it comes, to its end', (t) => {
  const body = `
    let chunk; let length = 0;
    while ((chunk = readStandardInput(1000)) !== undefined) {
      if (chunk.length === 0 || chunk.length > 1000) say('a piece of ' + chunk.length);
      length += chunk.length;
    }
    print(String(length) + ' ' + readStandardInput(1));`;
  const { stdout, stderr } = run(body, 1, 'x'.repeat(123_456));
  t.is(stderr, '');
  t.is(stdout, '123456 undefined');
});

test('a closed input is at its end, and is no data', (t) => {
  const body = `import { closeSync } from 'node:fs'; closeSync(0);
    print(String(readStandardInput(5)) + ' ' + standardInputIsData());`;
  t.is(run(body).stdout, 'undefined false');
});

test('a file and a pipe are data, nothing is not', (t) => {
  const body = 'print(String(standardInputIsData()));';
  t.is(run(body, 1, 'piped').stdout, 'true');
  const file = openSync(fileURLToPath(import.meta.url), 'r');
  t.is(execFileSync(process.execPath, program(body), { stdio: [file, 'pipe', 'inherit'] }).toString(), 'true');
  closeSync(file);
  t.is(execFileSync(process.execPath, program(body), { stdio: ['ignore', 'pipe', 'inherit'] }).toString(), 'false');
});
