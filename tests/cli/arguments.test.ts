/** How a command's arguments are read, and that no arguments at all are our fault. */
import test from 'ava';
import fc from 'fast-check';
import { readArguments } from '../../src/cli/arguments.ts';
import { type Description, UsageError } from '../../src/cli/command.ts';
import { RUN } from '../../src/cli/run-options.ts';
import { cleanUp, folderWith, runMain } from '../support/cli.ts';
import { firmware } from './firmware.ts';

test.after.always(cleanUp);

const EXAMPLE = {
  name: 'example',
  usage: 'wirq example',
  options: {
    out: { type: 'text', describe: 'a text' },
    add: { type: 'text', many: true, describe: 'texts' },
    loud: { type: 'flag', alias: 'l', describe: 'a flag' },
    'very-loud': { type: 'flag', alias: 'L', negatable: true, describe: 'a flag that has an opposite' },
  },
  examples: [],
} as const satisfies Description;

const read = (...argv: string[]) => readArguments(EXAMPLE, argv);
const readUpToFirst = (...argv: string[]) => readArguments({ ...EXAMPLE, stopsAtFirst: true }, argv);

test('texts follow their option, or an equals sign', (t) => {
  t.is(read('--out', 'x').text('out'), 'x');
  t.is(read('--out=x').text('out'), 'x');
  t.is(read('--out=').text('out'), '');
  t.is(read('--out=--loud').text('out'), '--loud');
  t.is(read('--out', '-5').text('out'), '-5', 'what is no option of ours may begin with a dash');
  t.is(read('--out=a=b').text('out'), 'a=b');
  t.is(read().text('out'), undefined);
  t.false(read().has('out'));
  t.true(read('--out=').has('out'));
});

test('some options may be given again', (t) => {
  t.deepEqual(read('--add', 'a', '--loud', '--add=b').texts('add'), ['a', 'b']);
  t.deepEqual(read().texts('add'), []);
  t.throws(() => read('--out=a', '--out=b').text('out'), { instanceOf: UsageError, message: '--out is given 2 times' });
});

test('flags stand alone, in rows of letters, and as their opposite; the last one counts', (t) => {
  t.is(read('--loud').flag('loud'), true);
  t.is(read('-l').flag('loud'), true);
  t.is(read('--loud', '--loud').flag('loud'), true);
  const both = read('-lL');
  t.deepEqual([both.flag('loud'), both.flag('very-loud')], [true, true]);
  t.is(read('--no-very-loud').flag('very-loud'), false);
  t.is(read('-L', '--no-very-loud').flag('very-loud'), false);
  t.is(read('--no-very-loud', '-L').flag('very-loud'), true);
  t.is(read().flag('loud'), undefined);
});

test('options stand anywhere, unless they stop at the first argument that is none', (t) => {
  t.deepEqual(read('a', '--loud', 'b', '--', '--loud').positionals, ['a', 'b', '--loud']);
  const stopped = readUpToFirst('--loud', '--out', 'x', 'a', '--very-loud', '--', '--unknown', 'b');
  t.deepEqual(stopped.positionals, ['a']);
  t.deepEqual(stopped.before, ['--loud', '--out', 'x']);
  t.deepEqual(stopped.rest, ['--very-loud', '--', '--unknown', 'b']);
  t.is(stopped.flag('very-loud'), undefined);
  t.false(stopped.ended);
  const ended = readUpToFirst('--', '--loud', '--out');
  t.deepEqual([ended.positionals, ended.rest, ended.ended], [['--loud'], ['--out'], true]);
});

test('what is no option is refused, with the nearest that is', (t) => {
  const refusal = (...argv: string[]) => {
    const { message, advice } = t.throws(() => read(...argv), { instanceOf: UsageError })!;
    return `${message}; ${advice}`;
  };
  t.is(refusal('--lowd'), "there is no option '--lowd'; did you mean '--loud'?");
  t.is(refusal('--no-loud'), "there is no option '--no-loud'; wirq example --help shows those there are");
  t.is(refusal('--no-very-lowd'), "there is no option '--no-very-lowd'; did you mean '--no-very-loud'?");
  t.is(refusal('--ou=x'), "there is no option '--ou'; did you mean '--out'?");
  t.is(refusal('-out'), "there is no option '-o'; did you mean '--out'?");
  t.is(refusal('-z'), "there is no option '-z'; wirq example --help shows those there are");
  t.is(refusal('--__proto__'), "there is no option '--__proto__'; wirq example --help shows those there are");
  t.is(refusal('--\x1b[31m'), "there is no option '--\\x1b[31m'; wirq example --help shows those there are");
  t.is(refusal('--loud=yes'), "--loud takes no value, but is given 'yes'; leave it out");
  t.is(refusal('--no-very-loud=x'), "--no-very-loud takes no value, but is given 'x'; leave it out");
  for (const argv of [['--out'], ['--out', '--loud'], ['--out', '-l'], ['--out', '--add=x'], ['--out', '--']]) {
    t.regex(refusal(...argv), /^--out needs a value; --out: a text; wirq example --help shows more$/);
  }
});

const words = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '--',
    '-',
    '--out',
    '--out=',
    '--add',
    '-l',
    '-L',
    '-lL',
    '--no-very-loud',
    '--no-',
    '--=',
    '-=',
    'a',
  ),
);

test('any arguments are read, or refused as bad usage', (t) => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 8 }), fc.boolean(), (argv, stopsAtFirst) => {
      try {
        const args = stopsAtFirst ? readUpToFirst(...argv) : read(...argv);
        const [first] = args.positionals;
        if (!stopsAtFirst || first === undefined) return args.rest.length === 0;
        const again = [...args.before, first, ...args.rest];
        return again.length === argv.length && again.every((arg, at) => arg === argv[at]);
      } catch (error) {
        return error instanceof UsageError;
      }
    }),
  );
  t.pass();
});

const cwd = folderWith({ ...firmware('seven', 'functions', 'arguments'), 'empty.yaml': 'version: 1\nsteps: []\n' });

const values = fc.oneof(
  fc.constantFrom('3@1ms', 'SIGTERM@1ms', '7', '1s', '16MHz', 'mailbox', 'handler', '3=handler', 'virtual', 'loop'),
  fc.constantFrom('empty.yaml', 'seven.wasm', '.', 'K=V', '0', '-1', '', '1e9', '3@func:main#1', 'x.jsonl', 'fib'),
  fc.string({ maxLength: 8 }).filter((text) => !text.includes('/')),
);
const option = fc
  .tuple(fc.constantFrom(...Object.keys(RUN.options)), fc.option(values), fc.boolean())
  .map(([name, value, inline]) => {
    if (value === null) return [`--${name}`];
    return inline ? [`--${name}=${value}`] : [`--${name}`, value];
  });

test('whatever is written, it is never our own fault', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(option, { maxLength: 3 }),
      fc.constantFrom('seven.wasm', 'functions.wasm', 'arguments.wasm'),
      fc.array(option, { maxLength: 2 }),
      async (before, file, behind) => {
        const args = [...before.flat(), file, ...behind.flat()];
        const { code, stderr } = await runMain(args, { cwd });
        return code !== 3 && !/^\s+at .*\d:\d/m.test(stderr);
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});
