/** The tables of `--part stacks`, and its targets, each with what was measured. */
import { KINDS } from './stack-programs.ts';
import type { ByKind, StacksResult } from './stack-switching.ts';
import { geometricMean } from './statistics.ts';
import { markdownTable, ratioCell } from './table.ts';

/** A switch by `wasmfx`, against a bare pair; by `jspi`, against a bare yield; and memory of 10,000 parked stacks, in MB. */
const TARGETS = { wasmfx: 1.3, jspi: 2, parkedMb: 100 } as const;
const PARKED = 10_000;

export function stacksTables(result: StacksResult): string {
  const kinds = KINDS.filter((kind) => result.switches[0]?.ns[kind] !== undefined);
  return [kernelTable(result), switchTable(result), bareTable(result), costTable(result), targets(result)]
    .filter((each) => each !== '')
    .concat(kinds.length === 0 ? ['no kind of stacks that can park is here'] : [])
    .join('\n\n');
}

function cells(values: ByKind<number>, show: (value: number) => string): string[] {
  return KINDS.map((kind) => (values[kind] === undefined ? '-' : show(values[kind])));
}

function kernelTable({ kernels }: StacksResult): string {
  if (kernels.length === 0) return '';
  const mean = (of: (kernel: (typeof kernels)[number]) => ByKind<number>) =>
    Object.fromEntries(
      KINDS.filter((kind) => of(kernels[0]!)[kind] !== undefined).map((kind) => [
        kind,
        geometricMean(kernels.map((each) => of(each)[kind]!)),
      ]),
    );
  const row = (name: string, each: Omit<(typeof kernels)[number], 'kernel'>) => [
    name,
    ...cells(each.ratio, ratioCell),
    ...cells(each.size, (value) => value.toFixed(2)),
    ...cells(each.prepareMs, (value) => value.toFixed(1)),
    ...cells(each.idleMs, (value) => value.toFixed(2)),
  ];
  const columns = ['time', 'size', 'ready, ms', 'start and end, ms'].flatMap((what) =>
    KINDS.map((kind) => ({ title: `${what}: ${kind}`, align: 'right' as const })),
  );
  const means = {
    ratio: mean(({ ratio }) => ratio),
    size: mean(({ size }) => size),
    prepareMs: mean(({ prepareMs }) => prepareMs),
    idleMs: mean(({ idleMs }) => idleMs),
  };
  const rows = [...kernels.map(({ kernel, ...each }) => row(kernel, each)), row('geometric mean', means)];
  return `Never parked, against the unmodified module; the time is the guest's, without the machine's start and end:\n\n${markdownTable([{ title: 'kernel', align: 'left' }, ...columns], rows)}`;
}

function switchTable({ switches }: StacksResult): string {
  const kinds = KINDS.filter((kind) => kind !== 'nested');
  const rows = switches.map(({ program, ns }) => [
    program.name,
    program.switches === undefined ? 'run, µs' : 'switch, ns',
    ...kinds.map((kind) => {
      const value = ns[kind];
      if (value === undefined) return '-';
      return (program.switches === undefined ? value / 1000 : value).toFixed(0);
    }),
  ]);
  return markdownTable(
    [
      { title: 'program', align: 'left' },
      { title: '', align: 'left' },
      ...kinds.map((kind) => ({ title: kind, align: 'right' as const })),
    ],
    rows,
  );
}

const BARE_WORDS = {
  pair: 'resume and suspend, inside WebAssembly',
  driven: 'resume and suspend, resumed by JavaScript',
  yield: 'a `Suspending` import whose promise is resolved',
  'hand-over': 'two stacks, each resolving the promise of the other',
} as const;

function bareTable({ bareNs }: StacksResult): string {
  const rows = Object.entries(BARE_WORDS).flatMap(([name, words]) => {
    const values = bareNs[name as keyof typeof BARE_WORDS];
    return values === undefined ? [] : [[words, ...[1, 10, 100].map((depth) => values[depth]!.toFixed(0))]];
  });
  if (rows.length === 0) return '';
  const columns = [1, 10, 100].map((depth) => ({ title: `depth ${depth}, ns`, align: 'right' as const }));
  return markdownTable([{ title: 'by hand', align: 'left' }, ...columns], rows);
}

function costTable({ parkedBytes, programSize, programPrepareMs }: StacksResult): string {
  const kinds = KINDS.filter((kind) => kind !== 'nested');
  const row = (what: string, values: ByKind<number>, show: (value: number) => string) => [
    what,
    ...kinds.map((kind) => (values[kind] === undefined ? '-' : show(values[kind]))),
  ];
  return markdownTable(
    [
      { title: 'the programs that switch', align: 'left' },
      ...kinds.map((kind) => ({ title: kind, align: 'right' as const })),
    ],
    [
      row('a parked stack of 10,000, KB', parkedBytes, (bytes) => (bytes / 1000).toFixed(1)),
      row('size of the module / original', programSize, (ratio) => ratio.toFixed(2)),
      row('until it can run, ms', programPrepareMs, (ms) => ms.toFixed(1)),
    ],
  );
}

function targets({ switches, parkedBytes }: StacksResult): string {
  const lines: string[] = [];
  const against = (kind: 'wasmfx' | 'jspi', what: string) => {
    const [worst] = switches
      .flatMap(({ program: { name }, toLeast }) =>
        toLeast[kind] === undefined ? [] : [{ name, ratio: toLeast[kind] }],
      )
      .toSorted((a, b) => b.ratio - a.ratio);
    if (worst === undefined) return;
    const met = worst.ratio <= TARGETS[kind] ? 'met' : 'missed';
    lines.push(
      `- a switch of stacks by ${kind} / ${what}: at most ${worst.ratio.toFixed(2)} (${worst.name}); target ${TARGETS[kind]}: ${met}`,
    );
  };
  against('wasmfx', 'a bare resume and suspend');
  against('jspi', 'a bare `Suspending` yield');
  for (const kind of ['wasmfx', 'jspi', 'asyncify'] as const) {
    const bytes = parkedBytes[kind];
    if (bytes === undefined) continue;
    const mb = (bytes * PARKED) / 1e6;
    lines.push(
      `- 10,000 parked stacks by ${kind}: ${mb.toFixed(0)} MB; target ${TARGETS.parkedMb}: ${mb <= TARGETS.parkedMb ? 'met' : 'missed'}`,
    );
  }
  return lines.join('\n');
}
