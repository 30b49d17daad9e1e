/** WASI as wasi-libc uses it: a C program (programs/wasi-tour.c) that takes its steps from its arguments. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createWasi } from '../../src/guests/wasi.ts';
import { MAX_DESCRIPTORS } from '../../src/guests/wasi-descriptors.ts';
import type { Preopen } from '../../src/guests/wasi-directory.ts';
import { openPreopen } from '../../src/host/directory.ts';
import { fixture } from '../support/root.ts';
import { FakeServices, RunEnded } from '../support/services.ts';

const tour = new WebAssembly.Module(fixture('tests/guests/programs/wasi-tour.wasm'));

interface Run {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly preopens?: readonly Preopen[];
  readonly seed?: number;
  readonly prepare?: (services: FakeServices) => void;
}

/** Runs the tour; its exit code is 0 when `_start` returns. */
function run({ args, env = [], preopens = [], seed = 1, prepare }: Run) {
  const services = new FakeServices({ seed });
  prepare?.(services);
  const guest = createWasi(services, { args: ['tour', ...args], env, preopens });
  const instance = new WebAssembly.Instance(tour, guest.imports);
  services.guestMemory = instance.exports.memory as WebAssembly.Memory;
  let exitCode = 0;
  try {
    (instance.exports._start as () => void)();
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
    exitCode = error.exitCode;
  } finally {
    guest.close();
  }
  return { exitCode, services, stdout: services.text('stdout'), stderr: services.text('stderr') };
}

function temporary(t: ExecutionContext) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'wirq-tour-')));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const inside = join(top, 'inside');
  mkdirSync(inside);
  writeFileSync(join(top, 'secret'), 'SECRET');
  return { top, inside, preopens: [openPreopen(`${inside}::/data`)] };
}

test('arguments, environment, exit code and both outputs', (t) => {
  const { exitCode, stdout, stderr } = run({ args: ['env', 'nonsense', 'exit'], env: ['HOME=/home/pump'] });
  t.is(exitCode, 42);
  t.is(stdout, 'HOME is /home/pump\n');
  t.is(stderr, 'no step called nonsense\n');
});

test('streams are terminals, so that a line shows when it is printed', (t) => {
  const { stdout, services } = run({ args: ['terminal', 'nap'] });
  t.regex(stdout, /^terminals 111\n/);
  t.deepEqual(
    services.written.map((one) => one.at),
    [0, 1_000_000_500, 3_000_000_000],
  );
});

test('clocks and sleeps are machine time', (t) => {
  const { stdout } = run({ args: ['clocks', 'nap', 'clocks'] });
  t.is(
    stdout,
    'monotonic 0 calendar 946684800000000000\nslept 0\nslept 0\nmonotonic 3000000000 calendar 946684803000000000\n',
  );
});

test('input is waited for: a poll in vain, then lines as they arrive, then the end', (t) => {
  const { stdout } = run({
    args: ['input'],
    prepare(services) {
      services.plan(20_000_000, () => services.type('first\nsec'));
      services.plan(30_000_000, () => services.type('ond\n'));
      services.plan(40_000_000, () => services.endInput());
    },
  });
  t.is(stdout, "poll 0\nline 'first' at 20000000\nline 'second' at 30000000\nend of input\n");
});

test('chance follows the seed', (t) => {
  const draw = (seed: number) => run({ args: ['draw'], seed }).stdout;
  t.is(draw(5), draw(5));
  t.not(draw(5), draw(6));
  t.regex(draw(5), /^[0-9a-f]{16}\n$/);
});

test('files are written, read, moved and linked in a real directory', (t) => {
  const { inside, preopens } = temporary(t);
  const { stdout } = run({ args: ['nap', 'files', 'list'], preopens });
  t.deepEqual(stdout.split('\n').slice(2), [
    'read one',
    'read two',
    'read three',
    'size 14 mtime 946684803 inode 2',
    'mkdir 0',
    'rename 0',
    'symlink 0',
    'readlink 5 sub/m',
    'tail three',
    'truncate 0',
    'entry . 3',
    'entry .. 3',
    'entry link 7',
    'entry sub 3',
    '',
  ]);
  t.is(readFileSync(join(inside, 'sub/moved.txt'), 'utf8'), 'one');
});

test('two runs on two directories of the same content are alike in every byte', (t) => {
  const once = () => {
    const { inside, preopens } = temporary(t);
    for (const name of ['z', 'a', 'm']) writeFileSync(join(inside, name), name);
    return run({ args: ['list', 'files', 'list', 'draw', 'clocks'], preopens }).services.written;
  };
  t.deepEqual(once(), once());
});

test('no path of a C program leaves the directory', (t) => {
  const { top, inside, preopens } = temporary(t);
  symlinkSync('..', join(inside, 'out'));
  symlinkSync('../made', join(inside, 'hole'));
  const { stdout } = run({ args: ['leave'], preopens });
  for (const line of stdout.trim().split('\n'))
    t.regex(line, /: (?:Capabilities insufficient|No such file or directory)$/);
  t.is(stdout.trim().split('\n').length, 5);
  t.is(readFileSync(join(top, 'secret'), 'utf8'), 'SECRET');
  t.false(existsSync(join(top, 'made')));
});

test('a program that opens more than the limit is told so, and all is closed after it', (t) => {
  const { preopens } = temporary(t);
  const outputs = [1, 2, 3].map(() => run({ args: ['exhaust'], preopens }).stdout);
  const opened = Number(/^opened (\d+), then No file descriptors available\n$/.exec(outputs[0]!)?.[1]);
  // The host's own limit may be lower; 4 are the standard streams and the directory.
  t.true(opened > 100 && opened <= MAX_DESCRIPTORS - 4, outputs[0]);
  t.deepEqual(outputs, [outputs[0], outputs[0], outputs[0]]);
});
