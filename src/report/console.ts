/**
 * The verdict of a run for people, on standard error: which expectations failed and how, where a trap came from, what
 * was never delivered, how deep the handler stack was used. Made from the summary alone, so that both say the same.
 * Nothing here is for programs: they read `--json`.
 */
import { unreachable } from '../assert.ts';
import { formatDuration } from '../clock/instant.ts';
import { type Paint, painter, printable, type Style } from '../trace/terminal.ts';
import type { FrameSummary, LineSummary, OutcomeSummary, RunSummary } from './summary.ts';

export interface ConsoleOptions {
  readonly color?: boolean | undefined;
  /** Only what went wrong; nothing at all for a run that passed. */
  readonly quiet?: boolean | undefined;
  /** Also the account of every line and of the mailbox. */
  readonly verbose?: boolean | undefined;
}

/** Frames of a backtrace that are shown from its inner and from its outer end. */
const INNER_FRAMES = 12;
const OUTER_FRAMES = 4;

/**
 * The lines to write to standard error, each ended by a line feed; empty when there is nothing to say.
 *
 * @example process.stderr.write(formatVerdict(summary, { color: process.stderr.isTTY }));
 */
export function formatVerdict(summary: RunSummary, options: ConsoleOptions = {}): string {
  const paint = painter(options.color ?? false);
  const passed = summary.verdict === 'passed';
  const { quiet = false, verbose = false } = options;
  // A plain run that went well says nothing of itself: its output is the guest's.
  const silent = passed && summary.scenario === null && !verbose;
  const lines = [...formatFailures(summary, paint), ...formatTrouble(summary.outcome, passed, paint)];
  if (!quiet) lines.push(...summary.warnings.map((text) => `${paint('yellow', 'warning:')} ${printable(text)}`));
  if (verbose) lines.push(...formatAccount(summary));
  if (!quiet && !silent && summary.handlerStack !== null) lines.push(formatStack(summary.handlerStack));
  if (!silent) lines.push(formatHeadline(summary, paint));
  return quiet && passed ? '' : lines.map((line) => `${line}\n`).join('');
}

function formatHeadline(summary: RunSummary, paint: Paint): string {
  const passed = summary.verdict === 'passed';
  const { scenario } = summary;
  const subject = scenario === null ? (summary.file ?? 'the run') : scenario.name;
  const progress =
    scenario !== null && scenario.taken < scenario.steps ? `, ${scenario.taken} of ${scenario.steps} steps taken` : '';
  const end = `${formatEnd(summary.outcome)} at ${formatDuration(summary.time)}, ${summary.instructions} instructions`;
  return `${verdictWord(passed, paint)} ${printable(subject)}${progress} (${end})`;
}

function verdictWord(passed: boolean, paint: Paint): string {
  return passed ? paint('green', 'passed') : paint('red', 'failed');
}

function formatFailures(summary: RunSummary, paint: Paint): string[] {
  return summary.failures.flatMap((failure) => [
    `${printable(failure.place)}: ${paint('red', printable(failure.what))}`,
    `  expected  ${paint('green', printable(failure.expected))}`,
    `  actual    ${paint('red', printable(failure.actual))}`,
    `  when      ${formatDuration(failure.time)}, ${failure.instructions} instructions`,
  ]);
}

/** An end that nobody wanted: why, and where the guest was. */
function formatTrouble(outcome: OutcomeSummary, passed: boolean, paint: Paint): string[] {
  const style: Style = passed ? 'yellow' : 'red';
  switch (outcome.kind) {
    case 'trap': {
      const advice = outcome.advice === null ? [] : [`  ${printable(outcome.advice)}`];
      return [
        `${paint(style, 'trap:')} ${printable(outcome.message)}`,
        ...formatBacktrace(outcome.backtrace),
        ...(outcome.handled === null
          ? []
          : [`  while handling: ${printable(outcome.handled.message)}`, ...formatBacktrace(outcome.handled.backtrace)]),
        ...advice,
      ];
    }
    case 'timeout':
    case 'deadlock':
    case 'stopped':
      return [`${paint(style, `${outcome.kind}:`)} ${printable(outcome.message)}`];
    case 'signal': {
      const { name, message } = outcome;
      const why = message === null ? ', which does not handle it' : `: ${printable(message)}`;
      return [`${paint(style, 'signal:')} ${name} ended the guest${why}`, ...formatBacktrace(outcome.backtrace)];
    }
    case 'exit':
    case 'idle':
    case 'finished':
      return [];
    default:
      return unreachable(outcome);
  }
}

function formatBacktrace(frames: readonly FrameSummary[]): string[] {
  const lines = frames.map((frame) => `    at ${printable(frame.function)}${formatFramePlace(frame)}`);
  const hidden = lines.length - INNER_FRAMES - OUTER_FRAMES;
  if (hidden <= 1) return lines;
  return [...lines.slice(0, INNER_FRAMES), `    ... ${hidden} more`, ...lines.slice(-OUTER_FRAMES)];
}

/** The source line where it is known; else the offset in the file. */
function formatFramePlace({ source, offset }: FrameSummary): string {
  if (source !== null) {
    const column = source.column === null ? '' : `:${source.column}`;
    return ` (${printable(source.file)}:${source.line}${column})`;
  }
  return offset === null ? '' : ` (offset 0x${offset.toString(16)})`;
}

function formatEnd(outcome: OutcomeSummary): string {
  switch (outcome.kind) {
    case 'exit':
      return `exit ${outcome.code}`;
    case 'signal':
      return outcome.name;
    case 'finished':
      return 'scenario finished';
    case 'idle':
      return 'nothing left to do';
    case 'trap':
    case 'timeout':
    case 'deadlock':
    case 'stopped':
      return outcome.kind;
    default:
      return unreachable(outcome);
  }
}

function formatAccount(summary: RunSummary): string[] {
  const { mailbox } = summary;
  const lines = formatLines(summary.lines);
  if (summary.deepestNesting > 1) lines.push(`handlers were nested ${summary.deepestNesting} deep`);
  if (mailbox !== null) lines.push(`mailbox: ${mailbox.posted} posted, ${mailbox.overruns} overruns`);
  return lines;
}

function formatStack(stack: NonNullable<RunSummary['handlerStack']>): string {
  const size = stack.bytes === null ? '' : ` of ${stack.bytes} bytes`;
  const used = stack.highWaterMark === null ? 'use unknown' : `${stack.highWaterMark}${size} used at most`;
  return `handler stack: ${used} (${stack.origin})`;
}

/** One row a line, the counts below one another; nothing for lines that were never raised. */
function formatLines(lines: readonly LineSummary[]): string[] {
  const width = Math.max(0, ...lines.map((line) => printable(line.name).length));
  return lines.map((line) => {
    const rest = [
      ...(line.coalesced > 0 ? [`${line.coalesced} coalesced`] : []),
      ...(line.cleared > 0 ? [`${line.cleared} cleared`] : []),
      ...(line.dropped > 0 ? [`${line.dropped} dropped`] : []),
      ...(line.overrun > 0 ? [`${line.overrun} overran the mailbox`] : []),
      ...(line.pending ? ['1 pending'] : []),
    ];
    const counts = [`${line.raised} raised`, `${line.delivered} delivered`, ...rest];
    return `${printable(line.name).padEnd(width)}  ${counts.join(', ')}`;
  });
}
