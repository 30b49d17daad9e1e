/**
 * From the board to a handler's first instruction, in a loop without calls: how long that takes on a machine that is
 * otherwise idle, and at which rate of interrupts none is lost or becomes one with another.
 */

import type { Outlet } from '../../src/host/board-link.ts';
import type { Preemption } from '../../src/machine/options.ts';
import { wat } from '../../tests/support/wat.ts';
import { median, quantile } from '../statistics.ts';
import { markdownTable } from '../table.ts';
import { ENTERED } from './job.ts';
import { doJob, STOP } from './link.ts';

export interface LatencyResult {
  readonly doorbell: Doorbell;
  readonly samples: number;
  /** From the board's call to the handler's entry, in µs. */
  readonly medianUs: number;
  readonly p99Us: number;
  readonly worstUs: number;
  /** Of that: from when the machine took the message to the handler's entry, in µs. */
  readonly guestMedianUs: number;
  readonly guestP99Us: number;
  /** Interrupts a second at which every one was delivered by itself; the highest of those that were tried. */
  readonly sustainedHz: number | undefined;
}

/** All there are: as many interrupts can be under way before two become one. */
const LINES = 240;
/** `flag` is what safepoints without counting would be: as many as there are ways of telling them. */
export type Doorbell = Exclude<Preemption, 'calls'> | 'flag';

const RATES: Readonly<Record<string, readonly number[]>> = {
  native: [1_000, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000],
  safepoints: [2_000, 5_000, 10_000, 20_000, 30_000, 40_000, 60_000, 80_000, 100_000],
};

function firmware(): Uint8Array<ArrayBuffer> {
  const handlers = Array.from({ length: LINES }, (_, line) => `(export "IRQ${line}_Handler" (func $handler))`);
  return wat(`(module (import "bench" "entered" (func $entered))
    (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
    (func $handler (call $entered)) ${handlers.join(' ')}
    (func (export "main") (local $n i32) (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.const 1)))))`);
}

export async function measureLatency(doorbell: Doorbell, quick: boolean): Promise<LatencyResult> {
  const samples = quick ? 500 : 3000;
  const times = new Float64Array(new SharedArrayBuffer(8 * 3 * samples));
  const counts = new Int32Array(new SharedArrayBuffer(16));
  const preempt = doorbell === 'flag' ? 'native' : doorbell;
  const kind = doorbell === 'flag' ? 'flag' : 'latency';
  const job = { kind, firmware: firmware(), counts: counts.buffer, times: times.buffer } as const;
  await doJob(preempt, job, (board) => void pulses(board, samples, times, counts));
  const total = Array.from({ length: samples }, (_, at) => (times[3 * at + 2]! - times[3 * at]!) / 1000);
  const guest = Array.from({ length: samples }, (_, at) => (times[3 * at + 2]! - times[3 * at + 1]!) / 1000);
  return {
    doorbell,
    samples,
    medianUs: median(total),
    p99Us: quantile(total, 0.99),
    worstUs: Math.max(...total),
    guestMedianUs: median(guest),
    guestP99Us: quantile(guest, 0.99),
    sustainedHz: doorbell === 'flag' ? undefined : await sustained(doorbell, quick),
  };
}

/** One after the other, each at a moment of its own. */
async function pulses(board: Outlet, samples: number, times: Float64Array, counts: Int32Array): Promise<void> {
  for (let at = 0; at < samples; at++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    spinUntil(now() + Math.random() * 500_000);
    times[3 * at] = now();
    board.pend(at % LINES);
    // Not by spinning: where the core is to run, this thread must not.
    while (Atomics.load(counts, ENTERED) <= at) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  board.tell(STOP);
}

async function sustained(preempt: Preemption, quick: boolean): Promise<number> {
  let best = 0;
  for (const rate of RATES[preempt]!) {
    if (!(await keepsUp(preempt, rate, quick ? 200 : 1000))) break;
    best = rate;
  }
  return best;
}

/** Whether as many handlers run as there were interrupts. Lines take turns: only so many can be under way at one time. */
async function keepsUp(preempt: Preemption, rate: number, ms: number): Promise<boolean> {
  const count = Math.round((rate * ms) / 1000);
  const counts = new Int32Array(new SharedArrayBuffer(16));
  const job = {
    kind: 'latency',
    firmware: firmware(),
    counts: counts.buffer,
    times: new SharedArrayBuffer(0),
  } as const;
  await doJob(preempt, job, (board) => void flood(board, count, 1e9 / rate, counts));
  return Atomics.load(counts, ENTERED) === count;
}

async function flood(board: Outlet, count: number, period: number, counts: Int32Array): Promise<void> {
  let next = now();
  for (let at = 0; at < count; at++) {
    next += period;
    if (at % 50 === 49) await new Promise((resolve) => setImmediate(resolve)); // answers of the inspector's are read
    spinUntil(next);
    board.pend(at % LINES);
  }
  // What is still under way has arrived once nothing changes any more.
  for (let last = -1; last !== Atomics.load(counts, ENTERED); ) {
    last = Atomics.load(counts, ENTERED);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  board.tell(STOP);
}

function now(): number {
  return Number(process.hrtime.bigint());
}

function spinUntil(moment: number): void {
  while (now() < moment);
}

const NAMES: Readonly<Record<Doorbell, string>> = {
  native: 'native',
  safepoints: 'safepoints, counting',
  flag: 'safepoints with a flag that a native interrupt sets, no machine',
};

export function latencyTable(results: readonly LatencyResult[]): string {
  const us = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return markdownTable(
    [
      { title: 'interrupts', align: 'left' },
      { title: 'median, µs', align: 'right' },
      { title: '99 %', align: 'right' },
      { title: 'worst', align: 'right' },
      { title: 'guest side, median', align: 'right' },
      { title: '99 %', align: 'right' },
      { title: 'sustained, kHz', align: 'right' },
    ],
    results.map((each) => [
      NAMES[each.doorbell],
      us(each.medianUs),
      us(each.p99Us),
      us(each.worstUs),
      us(each.guestMedianUs),
      us(each.guestP99Us),
      each.sustainedHz === undefined ? '-' : (each.sustainedHz / 1000).toFixed(0),
    ]),
  );
}
