/**
 * Whether a rewritten module only gained entries at the ends of its sections: whatever the original has keeps its index and its
 * bytes. Core specification 5.5 "Modules". Bodies are lockstep.ts's business, appended functions appended-functions.ts's, types of
 * functions carried-budget.ts's.
 *
 * What is checked: custom sections are the same, byte for byte, in the same places, but for branch hints; imports, memories, tags,
 * element and data segments are the same; types, functions, tables, globals and exports begin with those of the original; what is
 * added is function types, one table of functions, one i32 global, functions, and the exports that the hook names say. The start
 * section is gone, and exported instead.
 */
import { type Module, type Section, sectionIds } from '../../wasm/module.ts';
import { Reader } from '../../wasm/reader.ts';
import type { HookNames } from '../instrument.ts';
import { exportedGlobal } from './appended-functions.ts';
import type { Violations } from './violation.ts';

const branchHints = 'metadata.code.branch_hint';
/** Sections that may gain entries, and that may be new where the module had none. */
const growing: readonly number[] = [
  sectionIds.type,
  sectionIds.function,
  sectionIds.table,
  sectionIds.global,
  sectionIds.export,
  sectionIds.code,
];

export function checkSections(original: Module, rewritten: Module, names: HookNames, violations: Violations): void {
  const before = original.sections.filter(({ id, name }) => id !== sectionIds.start && name !== branchHints);
  const known = new Set(before.filter(({ id }) => id !== sectionIds.custom).map(({ id }) => id));
  const after = rewritten.sections.filter((section) => {
    if (section.id === sectionIds.custom) return section.name !== branchHints;
    if (known.has(section.id) || growing.includes(section.id)) return known.has(section.id);
    violations.module('sections', `section ${section.id} is new`, section.start);
    return false;
  });
  before.forEach((section, i) => {
    const now = after[i];
    if (now === undefined || now.id !== section.id || now.name !== section.name) {
      violations.module(
        'sections',
        `section ${section.name ?? section.id} is gone or moved`,
        now?.start,
        section.start,
      );
    } else compareSection({ module: original, section }, { module: rewritten, section: now }, violations);
  });
  for (const { id, name, start } of after.slice(before.length)) {
    violations.module('sections', `section ${name ?? id} is new`, start);
  }
  checkAdded(original, rewritten, violations);
  checkExports(original, rewritten, names, violations);
}

interface Placed {
  readonly module: Module;
  readonly section: Section;
}

/** The contents are the same; of a section that may grow, the first entries. Bodies are not compared here. */
function compareSection(before: Placed, after: Placed, violations: Violations): void {
  const { id, name } = before.section;
  if (id === sectionIds.code || id === sectionIds.function) return;
  const [old, oldCount] = entries(before, growing.includes(id));
  const [now, nowCount] = entries(after, growing.includes(id));
  const grows = growing.includes(id);
  const fits = grows ? now.length >= old.length && nowCount >= oldCount : now.length === old.length;
  const differs = old.findIndex((byte, i) => byte !== now[i]);
  if (fits && differs < 0) return;
  const at = Math.max(differs, 0);
  const message = `section ${name ?? id} does not ${grows ? 'begin with' : 'consist of'} the bytes it had`;
  violations.module(
    'sections',
    message,
    now.byteOffset - after.module.bytes.byteOffset + at,
    old.byteOffset - before.module.bytes.byteOffset + at,
  );
}

/** The bytes of a section's contents, and for one that may grow the count before them. */
function entries({ module, section }: Placed, counted: boolean): [Uint8Array, number] {
  if (!counted) return [module.bytes.subarray(section.body, section.end), 0];
  const reader = new Reader(module.bytes, section.body, section.end);
  const count = reader.u32();
  return [module.bytes.subarray(reader.offset, section.end), count];
}

function checkAdded(original: Module, rewritten: Module, violations: Violations): void {
  const fail = (message: string): void => violations.module('sections', message);
  if (rewritten.start !== undefined) fail('there still is a start section');
  if (rewritten.types.slice(original.types.length).some(({ kind, subtyping }) => kind !== 'func' || subtyping)) {
    fail('a type is added that is no plain function type');
  }
  const [table, ...moreTables] = rewritten.tables.slice(original.tables.length);
  if (table === undefined || moreTables.length > 0 || table.imported || table.element !== 'funcref') {
    fail('not one table of functions is added');
  }
  const [global, ...moreGlobals] = rewritten.globals.slice(original.globals.length);
  if (global === undefined || moreGlobals.length > 0 || global.type !== 'i32' || !global.mutable) {
    fail('not one mutable i32 global is added');
  } else if (global.initial === undefined || global.initial < 0) fail('the budget is used up from the beginning');
}

function checkExports(original: Module, rewritten: Module, names: HookNames, violations: Violations): void {
  const expected = new Map<string, string>();
  const expect = (name: string | undefined, what: string): void => {
    if (name !== undefined) expected.set(name, what);
  };
  if ((names.start === undefined) !== (original.start === undefined)) {
    violations.module('sections', 'the start function is not what the hook names say');
  }
  expect(names.start, `func ${original.start}`);
  expect(names.hooks, `table ${original.tables.length}`);
  expect(names.memory, 'memory 0');
  expect(names.table, 'table 0');
  for (const name of [names.getBudget, names.setBudget, names.getStackPointer, names.setStackPointer]) {
    expect(name, 'func appended');
  }
  // That it is the global of the accessors is checked with these.
  expect(names.budget, `global ${original.globals.length}`);
  expect(names.stackPointer, `global ${exportedGlobal(rewritten, names.stackPointer)}`);
  const seen = new Set(original.exports.map(({ name }) => name));
  for (const { name, kind, index } of rewritten.exports.slice(original.exports.length)) {
    const own = kind === 'func' && index >= original.functions.length;
    const what = own ? 'func appended' : `${kind} ${index}`;
    if (seen.has(name)) violations.module('sections', `two exports are called ${name}`);
    else if (expected.get(name) !== what) violations.module('sections', `${what} is exported as ${name}`);
    seen.add(name);
    expected.delete(name);
  }
  for (const [name, what] of expected) violations.module('sections', `${what} is not exported as ${name}`);
}
