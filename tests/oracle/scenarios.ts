/**
 * The oracle's scenarios, as the comments at the head of their sources describe them, and where the logs lie that
 * emulators gave. One line a field: `sentence`, `manual`, `on`, and `differs` for each emulator known to be wrong.
 * Running them is left to the test (wirq) and to tools/oracle/record.js (the emulators).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/root.ts';

/** The machines whose logs are kept, and how many priority bits each implements. */
export const EMULATORS = {
  'cortex-m3': { priorityBits: 8 },
  'cortex-m0': { priorityBits: 2 },
  rp2040: { priorityBits: 2 },
} as const;
export type Emulator = keyof typeof EMULATORS;

export interface Scenario {
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly title: string;
  /** What it covers: the feature of the controller that it belongs to. */
  readonly sentence: string;
  /** Where the architecture says so. */
  readonly manual: string;
  readonly on: readonly Emulator[];
  /** Emulators that are known to differ from the manual here, and how. */
  readonly differs: ReadonlyMap<Emulator, string>;
}

export const PROGRAMS = join(root, 'tests', 'oracle', 'programs');
const EXPECTED = join(root, 'tests', 'oracle', 'expected');

/** The log that an emulator gave, or, where one differs, the one that follows from the manual. */
export function logPath(name: string, origin: Emulator | 'manual'): string {
  return join(EXPECTED, `${name}.${origin}.txt`);
}

export function committedLog(name: string, origin: Emulator | 'manual'): string | undefined {
  const path = logPath(name, origin);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Logs that belong to no scenario any more. */
export function strayLogs(): string[] {
  const wanted = new Set<string>();
  for (const { name, on, differs } of scenarios()) {
    for (const emulator of on) wanted.add(`${name}.${emulator}.txt`);
    if (differs.size > 0) wanted.add(`${name}.manual.txt`);
  }
  return readdirSync(EXPECTED).filter((file) => !wanted.has(file));
}

export function scenarios(): Scenario[] {
  const sources = readdirSync(PROGRAMS).filter((file) => file.endsWith('.c'));
  return sources.sort().map((file) => describe(file.slice(0, -2), readFileSync(join(PROGRAMS, file), 'utf8')));
}

function describe(name: string, source: string): Scenario {
  const head = source.slice(0, source.indexOf('#include')).split('\n');
  const lines = head.filter((line) => line.startsWith('// ')).map((line) => line.slice(3));
  const build = lines.findIndex((line) => line.startsWith('build:'));
  const field = (key: string): string => {
    const line = lines.find((each) => each.startsWith(`${key}: `));
    if (line === undefined) throw new Error(`${name}.c: no line '// ${key}: …' before #include`);
    return line.slice(key.length + 2);
  };
  const differs = new Map<Emulator, string>();
  for (const line of lines) {
    const [, emulator, why] = /^differs ([\w-]+): (.*)$/.exec(line) ?? [];
    if (emulator !== undefined && why !== undefined) differs.set(knownEmulator(name, emulator), why);
  }
  const on = field('on')
    .split(' ')
    .map((emulator) => knownEmulator(name, emulator));
  return {
    name,
    title: lines.slice(0, build).join(' '),
    sentence: field('sentence'),
    manual: field('manual'),
    on,
    differs,
  };
}

function knownEmulator(name: string, emulator: string): Emulator {
  if (emulator in EMULATORS) return emulator as Emulator;
  throw new Error(`${name}.c: there is no emulator ${emulator}`);
}
