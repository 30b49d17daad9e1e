/** `wirq instrument`: writes a module with its safepoints, for another host to run, and the map that such a host needs. */
import { resolve } from 'node:path';
import { WirqError } from '../errors.ts';
import { enableStackSwitching } from '../host/engine.ts';
import { isSameFile, readBytes, writeBytes } from '../host/files.ts';
import { say } from '../host/standard-streams.ts';
import { FunctionMask } from '../machine/masked-functions.ts';
import { checkGranularity } from '../machine/options.ts';
import { refusalWarning } from '../machine/refusal.ts';
import { instrument as rewrite } from '../rewrite/instrument.ts';
import { offsetMapFile } from '../rewrite/offset-map-file.ts';
import { printable } from '../trace/terminal.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { type Command, type Description, UsageError } from './command.ts';
import { COMMON_OPTIONS, helped } from './help.ts';
import { MASK_FUNCTIONS } from './mask-functions.ts';
import { version } from './version.ts';

export const INSTRUMENT = {
  name: 'instrument',
  usage:
    'wirq instrument <file.wasm> -o <out.wasm> [--map <out.map.json>]\n\nWrites the module with its safepoints in it, for another host to run: docs/instrument.md says how.',
  options: {
    output: { type: 'text', alias: 'o', describe: 'where to write the rewritten module' },
    map: { type: 'text', describe: 'where to write its offset map and hook names (JSON)' },
    granularity: { type: 'text', describe: 'loop, block, access or instruction: how finely safepoints lie (loop)' },
    unroll: { type: 'flag', negatable: true, describe: 'write small loops several times: faster, larger (yes)' },
    'mask-functions': MASK_FUNCTIONS,
    ...COMMON_OPTIONS,
  },
  examples: [
    ['wirq instrument app.wasm -o app.irq.wasm', 'a module that counts and can be interrupted'],
    ['wirq instrument app.wasm -o app.irq.wasm --map app.irq.json', 'and what a host has to know of it'],
  ],
} as const satisfies Description;

type Parsed = Arguments<keyof typeof INSTRUMENT.options>;

interface Files {
  readonly input: string;
  readonly output: string;
  readonly map: string | undefined;
}

export const instrument: Command = {
  async main(argv) {
    const args = readArguments(INSTRUMENT, argv);
    if (await helped(INSTRUMENT, args)) return 0;
    const files = readFiles(args);
    const granularity = checkGranularity(args.text('granularity')) ?? 'loop';
    const mask = new FunctionMask({ maskFunctions: args.texts('mask-functions') });
    const bytes = readBytes(files.input);
    const rewritten = inFile(files.input, () =>
      rewrite(bytes, { granularity, unroll: args.flag('unroll') ?? true, maskFunction: mask.masks }),
    );
    writeBytes(files.output, rewritten.bytes);
    if (files.map !== undefined) {
      const text = offsetMapFile(rewritten, { granularity, producer: `wirq ${version()}` });
      writeBytes(files.map, new TextEncoder().encode(text));
    }
    enableStackSwitching();
    const warnings = [...refusalWarning(bytes), ...mask.warnings(rewritten.module)];
    for (const warning of warnings) say(`warning: ${printable(warning)}\n`);
    const { safepoints, longestStretch } = rewritten.report;
    const growth = (rewritten.bytes.length / bytes.length).toFixed(2);
    say(
      `${files.output}: ${rewritten.bytes.length} bytes (${growth} times), ${safepoints} safepoints, at most ${longestStretch} counted instructions apart\n`,
    );
    return 0;
  },
};

/** No file is written over one that is read, or over another that is written. */
function readFiles(args: Parsed): Files {
  const [input, ...more] = args.positionals;
  const output = args.text('output');
  const map = args.text('map');
  const example = 'for example: wirq instrument app.wasm -o app.irq.wasm';
  if (input === undefined) throw new UsageError('instrument takes a .wasm file', example);
  if (more.length > 0) throw new UsageError(`instrument takes one file, but is given ${args.positionals.join(' ')}`);
  if (output === undefined) throw new UsageError('where to write is not said: -o <out.wasm>', example);
  refuseSame(input, output, `-o ${output} would overwrite the module itself`);
  if (map !== undefined) {
    refuseSame(input, map, `--map ${map} would overwrite the module itself`);
    refuseSame(output, map, `--map ${map} would overwrite the rewritten module`);
  }
  return { input, output, map };
}

function refuseSame(one: string, other: string, message: string): void {
  if (resolve(one) === resolve(other) || isSameFile(one, other)) throw new UsageError(message, 'name another file');
}

function inFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof WirqError ? error.inFile(file) : error;
  }
}
