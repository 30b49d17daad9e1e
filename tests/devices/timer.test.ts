/** Timers expire when they should, once or again and again, each on its own line. */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import { Timers } from '../../src/devices/timer.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import { BenchBoard } from './bench-board.ts';

function bench() {
  const board = new BenchBoard();
  return { board, timers: new Timers(board, [16, 40, 18] as LineNumber[]) };
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
