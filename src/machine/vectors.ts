/**
 * The vector table: which guest function handles which exception. Resolved at load from the configuration and the
 * module's exports, in this order: what `set_vector` registered, the `handler` a configuration names,
 * `<NAME>_IRQHandler` for a configured name, `IRQ<n>_Handler`; system exceptions by their CMSIS handler names.
 * A handler takes nothing, or its line number, and returns nothing: any other shape is refused by name.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import {
  EXCEPTION_COUNT,
  type ExceptionNumber,
  exceptionOf,
  isLine,
  LINE_COUNT,
  type LineNumber,
  lineOf,
  SYSTEM_EXCEPTIONS,
} from '../interrupts/exceptions.ts';
import type { Module } from '../wasm/module.ts';
import { type FunctionType, formatSignature } from '../wasm/types.ts';
import type { IrqConfig } from './options.ts';

/** A handler as the module declares it. */
export interface HandlerDeclaration {
  readonly exception: ExceptionNumber;
  /** The export's name. */
  readonly name: string;
  readonly functionIndex: number;
  readonly takesLine: boolean;
}

/** Every handler the module and the configuration declare, by exception number. */
export function findHandlers(
  module: Module,
  irqs: ReadonlyMap<string, IrqConfig>,
): Map<ExceptionNumber, HandlerDeclaration> {
  const functions = new Map(
    module.exports.filter((each) => each.kind === 'func').map((each) => [each.name, each.index]),
  );
  const handlers = new Map<ExceptionNumber, HandlerDeclaration>();
  const declare = (line: LineNumber, name: string, index: number) => {
    const exception = exceptionOf(line);
    if (handlers.has(exception)) return;
    handlers.set(exception, {
      exception,
      name,
      functionIndex: index,
      takesLine: takesLine(module.functionType(index), name),
    });
  };
  for (const config of irqs.values()) {
    if (config.handler === undefined) continue;
    const index = functions.get(config.handler);
    if (index === undefined) {
      throw new WirqError(
        'bad-handler',
        `the module exports no function ${config.handler} to handle line ${config.line}`,
        {
          advice: `it exports ${[...functions.keys()].slice(0, 12).join(', ') || 'no function at all'}`,
        },
      );
    }
    declare(config.line as LineNumber, config.handler, index);
  }
  for (const [name, config] of irqs) {
    const index = functions.get(`${name}_IRQHandler`);
    if (index !== undefined) declare(config.line as LineNumber, `${name}_IRQHandler`, index);
  }
  for (const [name, index] of functions) {
    const match = /^IRQ(\d+)_Handler$/.exec(name);
    if (match === null) continue;
    const line = Number(match[1]);
    if (line >= LINE_COUNT || !isLine(line)) {
      throw new WirqError('bad-handler', `${name}: there is no line ${match[1]}`, {
        advice: `lines are 0…${LINE_COUNT - 1}`,
      });
    }
    declare(line, name, index);
  }
  for (const system of SYSTEM_EXCEPTIONS) {
    const index = functions.get(system.handler);
    if (index !== undefined) declare(lineOf(system.number), system.handler, index);
  }
  return handlers;
}

/** Checks a handler's shape. @throws WirqError `bad-handler` naming it. */
export function takesLine(type: FunctionType, name: string): boolean {
  const { params, results } = type;
  const fits = results.length === 0 && (params.length === 0 || (params.length === 1 && params[0] === 'i32'));
  if (fits) return params.length === 1;
  throw new WirqError('bad-handler', `${name} has the type ${formatSignature(type)}, which no handler can have`, {
    advice: 'a handler takes nothing or the line number (an i32), and returns nothing',
  });
}

/** Checks a signal handler's shape. @throws WirqError `bad-handler` naming it. */
export function checkSignalHandler({ params, results }: FunctionType, name: string): void {
  if (params.length <= 3 && params.every((param) => param === 'i32')) return;
  throw new WirqError(
    'bad-handler',
    `${name} has the type ${formatSignature({ params, results })}, which no signal handler can have`,
    {
      advice:
        'a handler takes the signal, and with SA_SIGINFO the addresses of its siginfo_t and ucontext_t, each an i32',
    },
  );
}

/** The table of a running machine: by which slot of handler-call.ts each exception is handled. */
export class VectorTable {
  /** 0 for none: exception 0 is thread mode. */
  readonly #slots: number[] = new Array(EXCEPTION_COUNT).fill(0);

  set(exception: ExceptionNumber, slot: number): void {
    assert(slot > 0, 'a slot of the table of handlers');
    this.#slots[exception] = slot;
  }

  /** After a reset nothing is handled until the new guest's handlers are set. */
  clear(): void {
    this.#slots.fill(0);
  }

  has(exception: ExceptionNumber): boolean {
    return this.#slots[exception] !== 0;
  }

  /** 0 when nothing handles it. */
  slotOf(exception: ExceptionNumber): number {
    return this.#slots[exception]!;
  }
}
