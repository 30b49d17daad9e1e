/**
 * What can be said of a module without running it: who provides its imports, which handlers it has, where it begins,
 * how interruptible it becomes. The data behind `wirq inspect`.
 */
import { unreachable } from '../assert.ts';
import { type LineNumber, lineOf } from '../interrupts/exceptions.ts';
import { instrument } from '../rewrite/instrument.ts';
import { type MemoryInfo, type Module, parseModule } from '../wasm/module.ts';
import { type DebugInformation, SourcePositions } from '../wasm/source-positions.ts';
import { formatSignature } from '../wasm/types.ts';
import { MachineCore } from './core.ts';
import { findEntry } from './entry.ts';
import { HANDLER_STACK_EXPORT } from './handler-region.ts';
import { createInterfaces } from './interfaces.ts';
import { providerOf } from './linker.ts';
import { MAILBOX_EXPORT } from './mailbox-export.ts';
import { FunctionMask } from './masked-functions.ts';
import { checkGranularity, type MachineOptions } from './options.ts';
import { asyncImport, hostModules, NO_GUEST, OpenCall } from './promises.ts';
import { refusalWarning } from './refusal.ts';
import { reportStacks, type StackReport } from './stack-choice.ts';
import { findHandlers } from './vectors.ts';

export interface ImportReport {
  readonly module: string;
  readonly name: string;
  readonly kind: string;
  /** A function's signature. */
  readonly type: string | undefined;
  /** Undefined: nobody, and the module will be refused. */
  readonly provider: string | undefined;
}

export interface HandlerReport {
  readonly line: LineNumber;
  readonly name: string;
  readonly export: string;
  readonly takesLine: boolean;
}

export interface Inspection {
  readonly bytes: number;
  readonly imports: readonly ImportReport[];
  readonly exports: readonly { readonly name: string; readonly kind: string; readonly type: string | undefined }[];
  readonly handlers: readonly HandlerReport[];
  /** How the mailbox is opened, if at all. */
  readonly mailbox: 'exported global' | 'wirq/mailbox.open' | undefined;
  readonly memories: readonly string[];
  /** The start section's function. */
  readonly start: string | undefined;
  /** The functions called at the beginning, in order; empty when the module lives on its interrupts. */
  readonly entry: readonly string[];
  /** How the stack pointer was found; undefined when it was not. */
  readonly stackPointer: 'name' | 'export' | 'pattern' | undefined;
  readonly handlerStack: 'declared' | 'from malloc' | 'shared with the program' | 'not needed';
  /** What its tasks, side stacks and handlers run on here. */
  readonly stacks: StackReport;
  readonly functions: number;
  readonly rewrittenBytes: number;
  readonly safepoints: number;
  readonly longestStretch: number;
  readonly maskedFunctions: readonly string[];
  /** What tells source lines. Backtraces have function names in any case. */
  readonly debugInformation: Omit<DebugInformation, 'warnings'>;
  /** What this engine refuses, debug information that cannot be read, patterns that match no function. */
  readonly warnings: readonly string[];
}

/**
 * @throws WirqError for a module that cannot be read or rewritten, or declares a handler that cannot be one.
 * @example inspectModule(readFileSync('blinky.wasm')).safepoints
 */
export function inspectModule(bytes: Uint8Array, options: MachineOptions = {}): Inspection {
  const module = parseModule(bytes);
  const core = new MachineCore(options, {
    memory: () => undefined,
    unwind: () => {
      throw new Error('nothing runs during an inspection');
    },
  });
  const given = hostModules(options, NO_GUEST);
  const nothing = (): never => unreachable('nothing runs during an inspection' as never);
  const { providers } = createInterfaces(module, core, options, {
    memory: () => undefined,
    setVector: nothing,
    stackPointer: () => 0,
    checkHandler: nothing,
    given,
    openCall: new OpenCall(),
    promises: nothing,
    tasks: nothing,
    stacks: nothing,
    failed: nothing,
  });
  const handlers = [...findHandlers(module, core.names.irqs).values()];
  const mask = new FunctionMask(options);
  const rewritten = instrument(bytes, {
    maskFunction: mask.masks,
    granularity: checkGranularity(options.granularity) ?? 'loop',
  });
  const debugInformation = new SourcePositions(module, options.sourceMap).describe();
  const entry = findEntry(module, options.invoke);
  return {
    bytes: bytes.length,
    imports: module.imports.map((each) => ({
      module: each.module,
      name: each.name,
      kind: each.kind,
      type: each.kind === 'func' ? formatSignature(module.functionType(each.index)) : undefined,
      provider: providerOf(module, each, providers),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({
      name,
      kind,
      type: kind === 'func' ? formatSignature(module.functionType(index)) : undefined,
    })),
    handlers: handlers.map((each) => ({
      line: lineOf(each.exception),
      name: core.lineName(each.exception),
      export: each.name,
      takesLine: each.takesLine,
    })),
    mailbox: mailboxOf(module),
    memories: module.memories.map(describeMemory),
    start: module.start === undefined ? undefined : module.functionName(module.start),
    entry: [...entry.before, ...(entry.main === undefined ? [] : [entry.main])],
    stackPointer: rewritten.stackPointer?.how,
    handlerStack: handlerStackOf(module, rewritten.stackPointer !== undefined),
    stacks: reportStacks(module, options.asyncify, asyncImport(module, given)),
    functions: module.bodies.length,
    rewrittenBytes: rewritten.bytes.length,
    ...rewritten.report,
    debugInformation: { dwarf: debugInformation.dwarf, sourceMap: debugInformation.sourceMap },
    warnings: [...refusalWarning(bytes), ...debugInformation.warnings, ...mask.warnings(module)],
  };
}

function mailboxOf(module: Module): Inspection['mailbox'] {
  if (module.exports.some((each) => each.kind === 'global' && each.name === MAILBOX_EXPORT)) return 'exported global';
  const opens = module.imports.some((each) => each.module === 'wirq/mailbox' && each.name === 'open');
  return opens ? 'wirq/mailbox.open' : undefined;
}

function handlerStackOf(module: Module, hasPointer: boolean): Inspection['handlerStack'] {
  if (!hasPointer || module.memories.length === 0) return 'not needed';
  if (module.exports.some((each) => each.name === HANDLER_STACK_EXPORT)) return 'declared';
  return module.exports.some((each) => each.name === 'malloc') ? 'from malloc' : 'shared with the program';
}

function describeMemory(memory: MemoryInfo): string {
  const { minimum, maximum, shared, wide } = memory.limits;
  const size = `${minimum}${maximum === undefined ? '' : `…${maximum}`} pages of 64 KiB`;
  const traits = [memory.imported ? 'imported' : '', shared ? 'shared' : '', wide ? '64-bit' : ''].filter(
    (each) => each !== '',
  );
  return traits.length === 0 ? size : `${size}, ${traits.join(', ')}`;
}
