/** Timers expire when they should, once or again and again, each on its own line. */
import test from 'ava';
import fc from 'fast-check';
import { duration, type Instant } from '../../src/clock/instant.ts';
import { Gpio } from '../../src/devices/gpio.ts';
import { Timers } from '../../src/devices/timer.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import { BenchBoard } from './bench-board.ts';

function bench() {
  const board = new BenchBoard();
  const gpio = new Gpio(board);
  return { board, gpio, timers: new Timers(board, gpio, [16, 40, 18] as LineNumber[]) };
}

test('one-shot: once', (t) => {
  const { board, timers } = bench();
  timers.start(1, duration(100), false);
  t.deepEqual(board.advance(99), []);
  t.deepEqual(board.advance(100), ['pend 40 timer 1']);
  t.deepEqual(board.advance(1000), []);
});

test('periodic: without drift, however late it is served', (t) => {
  const { board, timers } = bench();
  timers.start(0, duration(100), true);
  t.is(board.advance(350).length, 3);
  t.is(board.advance(399).length, 0);
  t.is(board.advance(400).length, 1);
});

test('starting again replaces, 0 and stop end it', (t) => {
  const { board, timers } = bench();
  timers.start(2, duration(10), true);
  timers.start(2, duration(50), true);
  t.deepEqual(board.advance(49), []);
  t.is(board.advance(100).length, 2);
  timers.start(2, duration(0), true);
  t.deepEqual(board.advance(500), []);
  timers.start(2, duration(5), true);
  timers.stop(2);
  timers.stop(2);
  t.deepEqual(board.advance(900), []);
});

test('timers that expire together pend in the order in which they were set', (t) => {
  const { board, timers } = bench();
  for (const id of [2, 0, 1]) timers.start(id, duration(10), true);
  t.deepEqual(
    board.advance(20),
    [2, 0, 1, 2, 0, 1].map((id) => `pend ${[16, 40, 18][id]} timer ${id}`),
  );
});

test('elapsed counts from the start, and from each expiry', (t) => {
  const { board, timers } = bench();
  t.is(timers.elapsed(0), undefined);
  timers.start(0, duration(100), true);
  board.advance(30);
  t.is(timers.elapsed(0), 30);
  board.advance(250);
  t.is(timers.elapsed(0), 50);
  timers.stop(0);
  t.is(timers.elapsed(0), undefined);
});

test('captures the moments of the edges asked for; one that nobody takes is overwritten, and counted', (t) => {
  const { board, gpio, timers } = bench();
  timers.capture(1, 7, 'rising');
  timers.capture(2, 7, 'both');
  for (const [at, level] of [
    [10, 1],
    [25, 0],
    [40, 1],
  ] as const) {
    board.advance(at);
    gpio.drive(7, level);
  }
  t.is(timers.takeCaptured(1), 40 as Instant);
  t.is(timers.takeCaptured(1), undefined);
  t.deepEqual(timers.account(), { captures: 5, overcaptures: 3 });
  t.deepEqual(
    board.seen.filter((each) => each.startsWith('pend')),
    ['pend 40 timer 1', 'pend 18 timer 2', 'pend 18 timer 2', 'pend 40 timer 1', 'pend 18 timer 2'],
  );
  timers.stop(1);
  timers.reset();
  gpio.drive(7, 0);
  t.is(timers.account().captures, 5);
});

test('a timer that feeds another device pends nothing itself', (t) => {
  const { board, timers } = bench();
  let fed = 0;
  timers.feed(0, () => fed++);
  timers.start(0, duration(10), true);
  t.deepEqual(board.advance(35), []);
  t.is(fed, 3);
  timers.feed(0, undefined);
  t.deepEqual(board.advance(45), ['pend 16 timer 0']);
});

test('whatever is started and stopped: a timer expires at its period, and at no other time', (t) => {
  const step = fc.oneof(
    fc.record({ start: fc.integer({ min: 1, max: 50 }), repeat: fc.boolean() }),
    fc.record({ stop: fc.constant(true) }),
    fc.record({ wait: fc.nat(120) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { board, timers } = bench();
      let due: number | undefined;
      let period = 0;
      let repeats = false;
      for (const each of steps) {
        if ('start' in each) {
          period = each.start;
          repeats = each.repeat;
          due = board.now() + period;
          timers.start(0, duration(period), repeats);
        } else if ('stop' in each) {
          due = undefined;
          timers.stop(0);
        } else {
          const to = board.now() + each.wait;
          let expected = 0;
          while (due !== undefined && due <= to) {
            expected++;
            due = repeats ? due + period : undefined;
          }
          if (board.advance(to).length !== expected) throw new Error(`not ${expected} times until ${to}`);
          const elapsed = due === undefined ? undefined : to - (due - period);
          if (timers.elapsed(0) !== elapsed) throw new Error(`elapsed ${timers.elapsed(0)}, not ${elapsed}`);
        }
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});
