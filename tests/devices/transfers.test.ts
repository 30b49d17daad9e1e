/** DMA, the real-time clock, entropy: what arrives in memory, when, and what is told. */
import test from 'ava';
import fc from 'fast-check';
import { duration } from '../../src/clock/instant.ts';
import { Adc } from '../../src/devices/adc.ts';
import { Dma } from '../../src/devices/dma.ts';
import { Entropy } from '../../src/devices/entropy.ts';
import { Gpio } from '../../src/devices/gpio.ts';
import { DEFAULT_START, Rtc } from '../../src/devices/rtc.ts';
import { Timers } from '../../src/devices/timer.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import { BenchBoard } from './bench-board.ts';

function bench() {
  const board = new BenchBoard();
  const timers = new Timers(board, new Gpio(board), [16, 17] as LineNumber[]);
  // One step a nanosecond: a sample tells when it was taken.
  const adc = new Adc(board, {
    bits: 16,
    reference: 65535,
    channels: new Map([[2, { kind: 'ramp', from: 0, to: 65536, period: duration(65536) }]]),
  });
  const dma = new Dma(board, { lines: [40, 41] as LineNumber[], wordTime: 10 }, adc, timers);
  const sample = (index: number, from = 64) =>
    board.bytes[from + 2 * index]! | (board.bytes[from + 2 * index + 1]! << 8);
  return { board, timers, adc, dma, sample };
}

test('a copy takes a word time for each four bytes, and happens as a whole at its end', (t) => {
  const { board, dma } = bench();
  board.bytes.set([1, 2, 3, 4, 5], 100);
  dma.copy(1, 200, 100, 5);
  t.deepEqual([dma.isBusy(1), dma.isBusy(0), dma.remaining(1)], [true, false, 5]);
  board.bytes[104] = 9;
  t.deepEqual(board.advance(19), []);
  t.is(board.bytes[200], 0);
  t.deepEqual(board.advance(20), ['pend 41 dma 1']);
  t.deepEqual([...board.bytes.subarray(200, 206)], [1, 2, 3, 4, 9, 0]);
  t.deepEqual([dma.isBusy(1), dma.remaining(1)], [false, 0]);
  t.like(dma.account(), { copied: 5, aborted: 0 });
});

test('blocks that overlap are copied as memmove does', (t) => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.nat(60), (from, to, length) => {
      const { board, dma } = bench();
      for (let at = 0; at < 256; at++) board.bytes[at] = at;
      const expected = board.bytes.slice();
      expected.copyWithin(to, from, from + length);
      dma.copy(0, to, from, length);
      board.advance(1000);
      if (!expected.every((byte, at) => byte === board.bytes[at])) throw new Error('another result');
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test('a copy that is stopped leaves no trace, and is counted; so does a reset', (t) => {
  const { board, dma } = bench();
  board.bytes[100] = 7;
  dma.copy(0, 200, 100, 1);
  dma.copy(1, 201, 100, 1);
  dma.stop(0);
  dma.reset();
  t.deepEqual(board.advance(1000), []);
  t.deepEqual([board.bytes[200], board.bytes[201], dma.account().aborted], [0, 0, 2]);
});

test('samples are taken at each expiry of the timer, which pends no line; the end is told once', (t) => {
  const { board, timers, dma, sample } = bench();
  dma.sample(0, { to: 64, count: 4, circular: false, timer: 1, input: 2 });
  timers.start(1, duration(100), true);
  board.advance(250);
  t.is(dma.remaining(0), 2);
  t.deepEqual(board.advance(1000), ['pend 40 dma 0', ...Array(6).fill('pend 17 timer 1')]);
  t.deepEqual(
    [0, 1, 2, 3, 4].map((index) => sample(index)),
    [100, 200, 300, 400, 0],
  );
  t.like(dma.account(), { samples: 4 });
});

test('a circular buffer goes round, and each half is told', (t) => {
  const { board, timers, dma, sample } = bench();
  dma.sample(0, { to: 64, count: 4, circular: true, timer: 0, input: 2 });
  timers.start(0, duration(100), true);
  t.deepEqual(board.advance(199), []);
  t.deepEqual(board.advance(200), ['pend 40 dma 0']);
  t.deepEqual(board.advance(399), []);
  t.deepEqual(board.advance(400), ['pend 40 dma 0']);
  board.advance(600);
  t.deepEqual(
    [0, 1, 2, 3].map((index) => sample(index)),
    [500, 600, 300, 400],
  );
  t.is(dma.remaining(0), 2);
  dma.stop(0);
  t.deepEqual(board.advance(700), ['pend 16 timer 0'], "the timer is the core's again");
});

test('every sample lies in memory or was never taken, whatever the buffer and however time goes', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.array(fc.nat(500), { maxLength: 20 }),
      (count, circular, waits) => {
        const { board, timers, dma, sample } = bench();
        dma.sample(0, { to: 64, count, circular, timer: 0, input: 2 });
        timers.start(0, duration(100), true);
        for (const wait of waits) board.advance(board.now() + wait);
        const due = Math.floor(board.now() / 100);
        const taken = circular ? due : Math.min(due, count);
        if (dma.account().samples !== taken) throw new Error(`${dma.account().samples} of ${taken}`);
        for (let at = Math.max(0, taken - count); at < taken; at++) {
          if (sample(at % count) !== (at + 1) * 100) throw new Error(`sample ${at} is ${sample(at % count)}`);
        }
        const told = board.seen.filter((each) => each === 'pend 40 dma 0').length;
        const half = count >> 1;
        const rounds = Math.floor(taken / count);
        const halves = circular && half > 0 ? rounds + (taken % count >= half ? 1 : 0) : 0;
        if (told !== rounds + halves) throw new Error(`told ${told} times, not ${rounds + halves}`);
      },
    ),
    { numRuns: 200 },
  );
  t.pass();
});

test('the clock goes with machine time from its start, can be set, and rings', (t) => {
  const board = new BenchBoard();
  const rtc = new Rtc(board, { line: 33 as LineNumber });
  t.is(rtc.time, DEFAULT_START);
  board.advance(1_000);
  t.is(rtc.time, DEFAULT_START + 1000n);
  rtc.setAlarm(DEFAULT_START + 3000n);
  t.deepEqual(board.advance(2_999), []);
  t.deepEqual(board.advance(3_000), ['pend 33 rtc']);
  rtc.setAlarm(DEFAULT_START + 10_000n);
  rtc.set(DEFAULT_START + 9_000n); // 6,000 ns ahead: the alarm keeps its date
  t.deepEqual(board.advance(3_999), []);
  t.deepEqual(board.advance(4_000), ['pend 33 rtc']);
  rtc.setAlarm(5n); // past
  t.deepEqual(board.advance(4_000), ['pend 33 rtc']);
  rtc.setAlarm(rtc.time + 10n);
  rtc.setAlarm(undefined);
  rtc.setAlarm(2n ** 62n); // beyond the end of machine time
  t.deepEqual(board.advance(1e12), []);
  t.deepEqual(rtc.account(), { rings: 3 });
});

test('entropy is a stream of its own, bytes and words from the same', (t) => {
  const fill = (entropy: Entropy, length: number) => {
    const bytes = new Uint8Array(length);
    entropy.fill(bytes);
    return bytes;
  };
  const one = new Entropy(new BenchBoard());
  const other = new Entropy(new BenchBoard());
  const word = one.word() >>> 0;
  t.is(new DataView(fill(other, 4).buffer).getUint32(0, true), word);
  t.deepEqual(fill(one, 7), fill(other, 7));
  t.deepEqual(one.account(), { bytes: 11 });
  const seeded = new BenchBoard();
  seeded.seed = 1;
  t.not(new Entropy(seeded).word() >>> 0, word);
});
