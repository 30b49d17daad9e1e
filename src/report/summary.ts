/**
 * The outcome of a run as one JSON object, as `--json` prints it: verdict, how the run ended, what was delivered, and
 * what was expected and did not come. Described field by field in docs/json.md; fields are added, never renamed.
 * What is not known or does not apply is null, so that every field is always there.
 */
import { unreachable } from '../assert.ts';
import type { LineResult, RunResult } from '../machine/result.ts';
import type { FailedExpectation, Verdict } from '../scenario/player.ts';
import type { Frame, Outcome } from '../scheduler/outcome.ts';

export interface FrameSummary {
  readonly function: string;
  /** Byte offset in the user's file. */
  readonly offset: number | null;
  readonly source: { readonly file: string; readonly line: number; readonly column: number | null } | null;
}

export type OutcomeSummary =
  | { readonly kind: 'exit'; readonly code: number }
  | {
      readonly kind: 'signal';
      readonly signal: number;
      readonly name: string;
      /** Of a fault: what happened. */
      readonly message: string | null;
      readonly backtrace: readonly FrameSummary[];
    }
  | {
      readonly kind: 'trap';
      readonly message: string;
      readonly advice: string | null;
      readonly backtrace: readonly FrameSummary[];
      /** In a lock-up: the fault whose handler faulted. */
      readonly handled: { readonly message: string; readonly backtrace: readonly FrameSummary[] } | null;
    }
  | {
      readonly kind: 'timeout';
      readonly limit: 'machine' | 'wall' | 'instructions' | 'handler';
      readonly message: string;
    }
  | { readonly kind: 'deadlock'; readonly message: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'stopped'; readonly message: string };

export interface LineSummary {
  readonly name: string;
  readonly line: number;
  readonly raised: number;
  readonly delivered: number;
  readonly coalesced: number;
  readonly cleared: number;
  readonly dropped: number;
  readonly overrun: number;
  readonly pending: boolean;
}

export interface DistributionSummary {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export interface StatisticsSummary {
  /** Times in nanoseconds of machine time. */
  readonly lines: readonly {
    readonly name: string;
    readonly line: number;
    readonly latency: DistributionSummary;
    readonly latencyInstructions: DistributionSummary;
    readonly duration: DistributionSummary | null;
  }[];
  readonly masked: {
    readonly from: number;
    readonly time: number;
    readonly instructions: number;
    readonly place: FrameSummary | null;
  } | null;
}

export interface RunSummary {
  /** Of this object; raised when a field changes its meaning. */
  readonly format: 1;
  readonly file: string | null;
  readonly scenario: { readonly name: string; readonly taken: number; readonly steps: number } | null;
  readonly verdict: 'passed' | 'failed';
  readonly exitCode: number;
  readonly outcome: OutcomeSummary;
  /** Nanoseconds of machine time. */
  readonly time: number;
  readonly instructions: number;
  /** What an invoked function returned. Strings for i64 and for what JSON has no number for. */
  readonly returned: readonly (number | string)[];
  readonly failures: readonly FailedExpectation[];
  readonly lines: readonly LineSummary[];
  readonly deepestNesting: number;
  readonly resets: { readonly count: number; readonly cause: string };
  readonly devices: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly handlerStack: {
    readonly origin: string;
    readonly bytes: number | null;
    readonly highWaterMark: number | null;
  } | null;
  readonly stacks: { readonly by: string; readonly bytes: number | null; readonly highWaterMark: number | null };
  readonly mailbox: { readonly posted: number; readonly overruns: number } | null;
  readonly statistics: StatisticsSummary;
  /** Bytes that the guest wrote. */
  readonly output: { readonly stdout: number; readonly stderr: number };
  readonly warnings: readonly string[];
  readonly digest: string | null;
}

export interface SummaryInput {
  readonly result: RunResult;
  readonly file?: string | undefined;
  /** The scenario that was played: its name, or its file's, and what came of it. */
  readonly scenario?: { readonly name: string; readonly verdict: Verdict } | undefined;
  readonly output: { readonly stdout: number; readonly stderr: number };
  readonly digest?: string | undefined;
}

/** For a failed expectation, whatever the guest's own code was. */
export const EXIT_FAILED_EXPECTATION = 1;

/**
 * The code that the process exits with: what the outcome says, and 1 where a guest that ended in good order failed an
 * expectation. A trap, a timeout or a signal keeps its code: expectations that failed after it failed because of it.
 */
export function finalExitCode(result: RunResult, verdict: Verdict | undefined): number {
  return verdict !== undefined && !verdict.passed && endedInOrder(result) ? EXIT_FAILED_EXPECTATION : result.exitCode;
}

function endedInOrder({ outcome: { kind } }: RunResult): boolean {
  return kind === 'exit' || kind === 'idle' || kind === 'finished';
}

/**
 * @example
 * const summary = summarize({ result, scenario: { name: 'button.yaml', verdict: player.verdict }, output });
 * process.stdout.write(formatSummary(summary));
 */
export function summarize(input: SummaryInput): RunSummary {
  const { result, scenario } = input;
  const verdict = scenario?.verdict;
  const { handlerStack } = result;
  return {
    format: 1,
    file: input.file ?? null,
    scenario:
      scenario === undefined
        ? null
        : { name: scenario.name, taken: scenario.verdict.stepsTaken, steps: scenario.verdict.stepsTotal },
    verdict: hasPassed(result, verdict) ? 'passed' : 'failed',
    exitCode: finalExitCode(result, verdict),
    outcome: summarizeOutcome(result.outcome),
    time: result.time,
    instructions: result.instructions,
    returned: result.returned.map(jsonNumber),
    failures: (verdict?.failures ?? []).map(summarizeFailure),
    lines: result.lines.map(summarizeLine),
    deepestNesting: result.deepestNesting,
    resets: { count: result.resets.count, cause: result.resets.cause },
    devices: result.devices,
    handlerStack:
      handlerStack === undefined
        ? null
        : {
            origin: handlerStack.origin,
            bytes: handlerStack.bytes ?? null,
            highWaterMark: handlerStack.highWaterMark ?? null,
          },
    stacks: {
      by: result.stacks.by,
      bytes: result.stacks.bytes ?? null,
      highWaterMark: result.stacks.highWaterMark ?? null,
    },
    mailbox: result.mailbox === undefined ? null : { posted: result.mailbox.posted, overruns: result.mailbox.overruns },
    statistics: summarizeStatistics(result.statistics),
    output: { stdout: input.output.stdout, stderr: input.output.stderr },
    warnings: [...result.warnings],
    digest: input.digest ?? null,
  };
}

/** The summary as text: indented JSON and a line feed. */
export function formatSummary(summary: RunSummary): string {
  return `${JSON.stringify(summary, undefined, 2)}\n`;
}

/**
 * A scenario whose steps were all taken has judged the run, whatever code the guest ended with: `expect-exit: 3` is
 * met by 3. A trap, a signal or a timeout is only judged by a step that expects it. Without a scenario the exit code is
 * the verdict.
 */
function hasPassed(result: RunResult, verdict: Verdict | undefined): boolean {
  if (verdict === undefined) return result.exitCode === 0;
  if (!verdict.passed) return false;
  const judged = verdict.stepsTotal > 0 && verdict.stepsTaken === verdict.stepsTotal;
  return (judged && (verdict.endExpected || endedInOrder(result))) || result.exitCode === 0;
}

function summarizeOutcome(outcome: Outcome): OutcomeSummary {
  switch (outcome.kind) {
    case 'exit':
      return { kind: 'exit', code: outcome.code };
    case 'signal': {
      const { signal, name, message = null, backtrace = [] } = outcome;
      return { kind: 'signal', signal, name, message, backtrace: backtrace.map(summarizeFrame) };
    }
    case 'trap': {
      const { message, advice = null, handled } = outcome;
      return {
        kind: 'trap',
        message,
        advice,
        backtrace: outcome.backtrace.map(summarizeFrame),
        handled:
          handled === undefined ? null : { message: handled.message, backtrace: handled.backtrace.map(summarizeFrame) },
      };
    }
    case 'timeout':
      return { kind: 'timeout', limit: outcome.limit, message: outcome.message };
    case 'deadlock':
      return { kind: 'deadlock', message: outcome.message };
    case 'stopped':
      return { kind: 'stopped', message: outcome.message };
    case 'idle':
      return { kind: 'idle' };
    case 'finished':
      return { kind: 'finished' };
    default:
      return unreachable(outcome);
  }
}

// Each is copied field by field, so that what other parts add to theirs does not become part of the format.

function summarizeFrame(frame: Frame): FrameSummary {
  const { source } = frame;
  return {
    function: frame.function,
    offset: frame.offset ?? null,
    source: source === undefined ? null : { file: source.file, line: source.line, column: source.column ?? null },
  };
}

function summarizeStatistics({ lines, masked }: RunResult['statistics']): StatisticsSummary {
  return {
    lines: lines.map(({ name, line, latency, latencyInstructions, duration }) => {
      return { name, line, latency, latencyInstructions, duration };
    }),
    masked:
      masked === null
        ? null
        : {
            from: masked.from,
            time: masked.time,
            instructions: masked.instructions,
            place: masked.place === null ? null : summarizeFrame(masked.place),
          },
  };
}

function summarizeLine(line: LineResult): LineSummary {
  const { name, raised, delivered, coalesced, cleared, dropped, overrun, pending } = line;
  return { name, line: line.line, raised, delivered, coalesced, cleared, dropped, overrun, pending };
}

function summarizeFailure(failure: FailedExpectation): FailedExpectation {
  const { what, expected, actual, time, instructions, place } = failure;
  return { what, expected, actual, time, instructions, place };
}

function jsonNumber(value: number | bigint): number | string {
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'number' && Number.isFinite(value) ? value : String(value);
}
