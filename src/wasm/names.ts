/**
 * The name section: what the user calls the functions and globals. Core specification, appendix "Name Section".
 * A broken name section is ignored from where it breaks, as engines do: names are for people, and never decide anything.
 */
import { WirqError } from '../errors.ts';
import { maxNameBytes } from './limits.ts';
import type { Reader } from './reader.ts';

export interface Names {
  module: string | undefined;
  readonly functions: Map<number, string>;
  readonly globals: Map<number, string>;
}

export function noNames(): Names {
  return { module: undefined, functions: new Map(), globals: new Map() };
}

const moduleSubsection = 0;
const functionSubsection = 1;
const globalSubsection = 7;

/** Reads the contents of a custom section called `name`. */
export function readNames(section: Reader): Names {
  const names = noNames();
  try {
    while (!section.done) {
      const id = section.u8();
      const subsection = section.section(section.u32(), 'a name subsection');
      if (id === moduleSubsection) names.module = subsection.name(maxNameBytes);
      else if (id === functionSubsection) readNameMap(subsection, names.functions);
      else if (id === globalSubsection) readNameMap(subsection, names.globals);
    }
  } catch (error) {
    if (!(error instanceof WirqError)) throw error;
  }
  return names;
}

function readNameMap(reader: Reader, into: Map<number, string>): void {
  const count = reader.count('names', 0xffff_ffff);
  for (let i = 0; i < count; i++) {
    const index = reader.u32();
    into.set(index, reader.name(maxNameBytes));
  }
}
