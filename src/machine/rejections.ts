/**
 * How the guest hears that a promise was rejected: as a number, or as an exception of the guest's own (core specification,
 * exception handling; JS API, "Exceptions"). The tag of the exception is one that the module exports, or imports from the
 * module of the function; it is checked when the guest is loaded.
 */
import { WirqError } from '../errors.ts';
import type { AsyncCall, GuestException, HostModule } from '../guests/interface.ts';
import { isPassing } from '../stacks/backend.ts';
import type { Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';
import { GuestFault } from './guest-fault.ts';

/** What the call of a host function throws into the guest. */
export class Raised {
  readonly exception: WebAssembly.Exception;

  constructor(exception: WebAssembly.Exception) {
    this.exception = exception;
  }
}

/** The tag of a name, as the host function `name` (`env.fetch`) means it; undefined when there is none. */
export type FindTag = (from: string, tag: string) => WebAssembly.Tag | undefined;

/** @throws GuestFault where a rejection was not declared. */
export function answerTo(
  name: string,
  reason: unknown,
  rejected: AsyncCall['rejected'],
): number | bigint | GuestException {
  if (typeof rejected === 'function') return rejected(reason);
  if (typeof rejected === 'object') {
    const { exception, payload = () => [] } = rejected;
    return { exception, payload: [...payload(reason)] };
  }
  if (rejected !== undefined) return rejected;
  const why = reason instanceof Error ? reason.message : String(reason);
  throw new GuestFault(
    `the promise of ${name} was rejected: ${why}`,
    'say what the guest gets then: {async: {rejected: -1}}, or {async: {rejected: {exception: "name of its tag"}}}',
  );
}

/** @throws GuestFault where the tag does not take the payload. */
export function raise(name: string, { exception, payload }: GuestException, find: FindTag): Raised {
  const tag = find(name.slice(0, name.lastIndexOf('.')), exception);
  try {
    return new Raised(new WebAssembly.Exception(tag!, [...payload]));
  } catch (error) {
    throw new GuestFault(
      `the promise of ${name} was rejected, and ${exception} cannot be thrown: ${(error as Error).message}`,
      'the payload is a list of the values that the tag takes',
    );
  }
}

/** The type of the tag that a host function of the module `from` throws by this name; undefined when there is none. */
function tagType(module: Module, from: string, name: string): FunctionType | undefined {
  const found =
    module.exports.find((each) => each.kind === 'tag' && each.name === name) ??
    module.imports.find((each) => each.kind === 'tag' && each.module === from && each.name === name);
  return found && module.types[module.tags[found.index]!.typeIndex]?.signature;
}

/** @throws WirqError `bad-argument` for an exception whose tag the module does not have, or that needs a payload. */
export function checkRejections(module: Module, given: Readonly<Record<string, HostModule>>): void {
  for (const each of module.imports) {
    const rejected = given[each.module]?.[each.name]?.async?.rejected;
    if (typeof rejected !== 'object') continue;
    const name = `${each.module}.${each.name}`;
    const type = tagType(module, each.module, rejected.exception);
    if (type === undefined) {
      throw new WirqError('bad-argument', `${name} is to throw ${rejected.exception}, and the module has no such tag`, {
        advice: `a tag that the module exports, or imports from ${each.module}`,
      });
    }
    if (!isPassing(type.params) || (type.params.length > 0 && rejected.payload === undefined)) {
      const list = type.params.join(', ');
      throw new WirqError('bad-argument', `${name} is to throw ${rejected.exception}, whose payload is (${list})`, {
        advice: 'give payload: (reason) => […], a list of numbers',
      });
    }
  }
}
