/** The table of `--stats`: for every line what happened to it, how long it waited and how long its handler took. */
import { formatDuration } from '../clock/instant.ts';
import { printable } from '../trace/terminal.ts';
import type { DistributionSummary, RunSummary } from './summary.ts';

const HEAD = ['line', 'raised', 'delivered', 'coalesced', 'dropped', 'overrun', 'latency', 'instructions', 'handler'];
const NONE = '-';

/** Lines of text, each ended by a line feed. Distributions are minimum / median / 99th percentile / maximum. */
export function formatStatistics(summary: RunSummary): string {
  const { statistics, lines } = summary;
  const times = new Map(statistics.lines.map((each) => [each.line, each]));
  const rows = lines.map((each) => {
    const time = times.get(each.line);
    return [
      printable(each.name),
      ...[each.raised, each.delivered, each.coalesced, each.cleared + each.dropped, each.overrun].map(String),
      spread(time?.latency, formatDuration),
      spread(time?.latencyInstructions, String),
      spread(time?.duration ?? undefined, formatDuration),
    ];
  });
  const table = rows.length === 0 ? ['no line was raised'] : aligned([HEAD, ...rows]);
  return [...table, ...notes(summary)].map((line) => `${line}\n`).join('');
}

function notes({ statistics: { masked }, deepestNesting, handlerStack, stacks }: RunSummary): string[] {
  const lines = [`nesting: ${deepestNesting} deep at most`];
  if (handlerStack !== null && handlerStack.highWaterMark !== null) {
    lines.push(`handler stack: ${handlerStack.highWaterMark} of ${handlerStack.bytes} bytes used at most`);
  }
  if (stacks.bytes !== null) {
    lines.push(`stacks of tasks: ${stacks.highWaterMark} of ${stacks.bytes} bytes used at most (by ${stacks.by})`);
  }
  if (masked === null) return [...lines, 'interrupts were never masked'];
  const { from, time, instructions, place } = masked;
  const where = place === null ? '' : `, until ${printable(place.function)}`;
  const source = place?.source == null ? '' : ` (${printable(place.source.file)}:${place.source.line})`;
  const length = `${formatDuration(time)}, ${instructions} instructions`;
  return [...lines, `longest masked: ${length}, from ${formatDuration(from)}${where}${source}`];
}

function spread(of: DistributionSummary | undefined, format: (value: number) => string): string {
  return of === undefined ? NONE : [of.min, of.median, of.p99, of.max].map(format).join(' / ');
}

/** Columns below one another, the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
}
