/**
 * Runs cases on every kind of stacks that this engine has, at every granularity: each says what the case says, and all
 * have the same events. Where the table in docs/stacks.md says that a kind differs, it has to differ, and just so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { WirqError } from '../../../src/errors.ts';
import type { Granularity } from '../../../src/rewrite/instrument.ts';
import type { BackendName } from '../../../src/stacks/backend.ts';
import { root } from '../../support/root.ts';
import { wat } from '../../support/wat.ts';
import { PARKING, type Ran, runBytes } from '../machines.ts';
import { type Case, DEFAULT_INTERFACES, textOf } from './case.ts';

const GRANULARITIES: readonly Granularity[] = ['loop', 'block', 'access', 'instruction'];

/** What does not end is wrong, and must not hang the tests. */
const MOST_INSTRUCTIONS = 20_000_000;

/** What the table has for a kind of stacks: nothing, refused (at a granularity), or otherwise: what the case says of that. */
export type Difference = string;

/** The rows of the table in docs/stacks.md: by its first column, what differs on which kind. */
export function differences(): ReadonlyMap<string, ReadonlyMap<string, Difference>> {
  const text = readFileSync(join(root, 'docs/stacks.md'), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith('Where the kinds differ'));
  const lines = (section ?? '').split('\n').filter((line) => line.startsWith('|'));
  const [header = [], , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const kinds = header.slice(1).map((cell) => cell.replaceAll('`', ''));
  return new Map(
    rows.map(([what, ...cells]) => [
      what!,
      new Map(
        kinds.flatMap((kind, k) =>
          /^(refused( at `\w+`)?|otherwise)$/.test(cells[k] ?? '') ? [[kind, cells[k]!]] : [],
        ),
      ),
    ]),
  );
}

const DIFFERENCES = differences();

export function ending({ result: { outcome } }: Ran): string {
  if (outcome.kind === 'exit') return `exit ${outcome.code}`;
  return 'message' in outcome ? String(outcome.message) : outcome.kind;
}

/** Those that could run it at all: nested stacks only what asks for no others. */
function kindsFor({ interfaces = DEFAULT_INTERFACES, imports }: Case): readonly BackendName[] {
  const parks = imports !== undefined || interfaces.includes('wirq/task') || interfaces.includes('wirq/stack');
  return parks ? PARKING : [...PARKING, 'nested'];
}

export function conform(cases: readonly Case[]): void {
  for (const each of cases) {
    test(each.name, async (t) => {
      const bytes = wat(textOf(each));
      for (const granularity of GRANULARITIES) {
        let others: Ran | undefined;
        for (const kind of kindsFor(each))
          others = (await conforms(t, each, bytes, kind, granularity, others)) ?? others;
      }
    });
  }
}

function differenceOf({ differs }: Case, kind: BackendName, granularity: Granularity): Difference | undefined {
  const cell = differs === undefined ? undefined : DIFFERENCES.get(differs)?.get(kind);
  const [word, at] = cell?.split(' at ') ?? [];
  return at === undefined || at === `\`${granularity}\`` ? word : undefined;
}

/** @returns the run, if it is one that others have to be like. */
async function conforms(
  t: ExecutionContext,
  each: Case,
  bytes: Uint8Array,
  kind: BackendName,
  granularity: Granularity,
  others: Ran | undefined,
): Promise<Ran | undefined> {
  const difference = differenceOf(each, kind, granularity);
  const where = `${kind}, ${granularity}`;
  const options = {
    granularity,
    maxInstructions: MOST_INSTRUCTIONS,
    ...each.options,
    ...(each.imports === undefined ? {} : { imports: each.imports() }),
  };
  let ran: Ran;
  try {
    ran = await runBytes(kind, bytes, options, each.prepare);
  } catch (error) {
    if (each.throws !== undefined) {
      t.regex(String(error), each.throws, where);
      return undefined;
    }
    t.true(error instanceof WirqError && error.code === 'unsupported', `${where}: ${error}`);
    t.is(difference, 'refused', `${where}: ${error}`);
    return undefined;
  }
  const log = ran.log.join('\n');
  if (difference !== undefined) {
    t.not(difference, 'refused', where);
    t.deepEqual(ran.said, each.otherwise, `${where}\n${log}`);
    return undefined;
  }
  if (each.said !== undefined) t.deepEqual(ran.said, each.said, `${where}: ${ending(ran)}\n${log}`);
  t.regex(ending(ran), each.ends ?? /^exit 0$/, `${where}\n${log}`);
  for (const expected of each.logs ?? []) t.regex(log, expected, where);
  if (others !== undefined) {
    t.deepEqual(ran.log, others.log, where);
    t.is(ran.digest, others.digest, where);
  }
  return ran;
}
