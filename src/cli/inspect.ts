/** `wirq inspect`: what a module needs, handles and offers, and how interruptible it becomes. */
import { basename } from 'node:path';
import { WirqError } from '../errors.ts';
import { enableStackSwitching } from '../host/engine.ts';
import { readBytes } from '../host/files.ts';
import { loadHostFunctions } from '../host/host-functions.ts';
import { sourceMapsBeside } from '../host/source-map-file.ts';
import { print } from '../host/standard-streams.ts';
import { type Inspection, inspectModule } from '../machine/inspection.ts';
import type { MachineOptions } from '../machine/options.ts';
import { printable, printableLines } from '../trace/terminal.ts';
import { readArguments } from './arguments.ts';
import { type Command, type Description, UsageError } from './command.ts';
import { COMMON_OPTIONS, helped } from './help.ts';
import { MASK_FUNCTIONS } from './mask-functions.ts';
import { asyncifyToAskAbout } from './stacks.ts';

export const INSPECT = {
  name: 'inspect',
  usage:
    'wirq inspect [--json] <file.wasm>\n\nSays what a module imports and who provides it, what it exports and handles, and how interruptible it is.',
  options: {
    'mask-functions': MASK_FUNCTIONS,
    host: { type: 'text', describe: 'the host functions that this JavaScript file exports are there' },
    json: { type: 'flag', describe: 'print JSON' },
    ...COMMON_OPTIONS,
  },
  examples: [['wirq inspect blinky.wasm', 'imports, handlers, safepoints']],
} as const satisfies Description;

export const inspect: Command = {
  async main(argv) {
    const args = readArguments(INSPECT, argv);
    if (await helped(INSPECT, args)) return 0;
    const [file, ...more] = args.positionals;
    if (file === undefined) throw new UsageError('inspect takes a .wasm file', 'for example: wirq inspect blinky.wasm');
    if (more.length > 0) throw new UsageError(`inspect takes one file, but is given ${args.positionals.join(' ')}`);
    enableStackSwitching();
    const host = args.text('host');
    const imports = host === undefined ? undefined : await loadHostFunctions(host);
    const inspection = inspectFile(file, {
      maskFunctions: args.texts('mask-functions'),
      asyncify: await asyncifyToAskAbout(),
      imports,
    });
    print(
      args.flag('json')
        ? `${JSON.stringify(inspection, undefined, 2)}\n`
        : printableLines(format(basename(file), inspection)),
    );
    return 0;
  },
};

function inspectFile(file: string, options: MachineOptions): Inspection {
  try {
    return inspectModule(readBytes(file), { ...options, sourceMap: sourceMapsBeside(file) });
  } catch (error) {
    throw error instanceof WirqError && error.code !== 'bad-file' ? error.inFile(file) : error;
  }
}

function format(name: string, it: Inspection): string {
  const growth = it.bytes === 0 ? 1 : it.rewrittenBytes / it.bytes;
  const lines = [
    `${name}: ${it.bytes} bytes, ${it.functions} functions`,
    '',
    ...block('imports', importLines(it)),
    ...block(
      'exports',
      it.exports.map((each) => `${each.name}  ${each.type ?? each.kind}`),
    ),
    ...block(
      'handlers',
      it.handlers.map((each) => `${each.name} (line ${each.line})  ${each.export}(${each.takesLine ? 'line' : ''})`),
    ),
    `entry           ${it.entry.length === 0 ? 'none: it lives on its interrupts' : it.entry.join(', then ')}`,
    `start function  ${it.start ?? 'none'}`,
    `mailbox         ${it.mailbox ?? 'none'}`,
    `memories        ${it.memories.join('; ') || 'none'}`,
    `stack pointer   ${stackPointer(it)}`,
    `handler stack   ${it.handlerStack}`,
    `stacks          ${stacks(it)}`,
    `safepoints      ${it.safepoints}, at most ${it.longestStretch} counted instructions apart`,
    `rewritten size  ${it.rewrittenBytes} bytes (${growth.toFixed(2)} times)`,
    ...(it.maskedFunctions.length === 0
      ? []
      : [`masked          ${it.maskedFunctions.length} functions, in which no handler runs`]),
    `debug info      ${debugInformation(it)}`,
    ...it.warnings.map((text) => `warning         ${printable(text)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function importLines(it: Inspection): string[] {
  const modules = [...new Set(it.imports.map((each) => each.module))];
  return modules.flatMap((module) => [
    module,
    ...it.imports
      .filter((each) => each.module === module)
      .map(
        (each) =>
          `  ${each.name}  ${each.type ?? each.kind}  ${each.provider === undefined ? 'NOBODY PROVIDES THIS' : `by ${each.provider}`}`,
      ),
  ]);
}

/** Which stacks it needs, and what there is for it here. */
function stacks({ stacks: { needs, choice, backends } }: Inspection): string {
  if (needs === undefined) return 'nested: nothing in it needs to park';
  const parking = backends.filter((each) => each.name !== 'nested');
  if (choice === undefined) {
    const reasons = parking.map((each) => `${each.name}: ${each.whyNot}`);
    return `NONE HERE, and it needs some that can park, for ${needs} (${reasons.join('; ')})`;
  }
  const others = parking.filter((each) => each.name !== choice && each.whyNot === undefined).map((each) => each.name);
  const also = others.length === 0 ? '' : `; ${others.join(' and ')} would do`;
  return `${choice}, for ${needs}${also}`;
}

function stackPointer(it: Inspection): string {
  if (it.stackPointer === undefined) return 'not found: handlers run without a stack of their own';
  const how = { name: 'by its name', export: 'by its export', pattern: 'by how functions use it' };
  return `found ${how[it.stackPointer]}`;
}

/** What a backtrace can say beyond function names. */
function debugInformation({ debugInformation: { dwarf, sourceMap } }: Inspection): string {
  const kinds = [
    ...(dwarf === undefined ? [] : [`DWARF ${dwarf.versions.join(' and ')} lines of ${dwarf.functions} functions`]),
    ...(sourceMap === undefined ? [] : [`source map ${printable(sourceMap.url)} of ${sourceMap.sources} files`]),
  ];
  return kinds.join('; ') || 'none: backtraces show functions and offsets, not lines';
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [`${title}: none`, ''] : [title, ...lines.map((line) => `  ${line}`), ''];
}
