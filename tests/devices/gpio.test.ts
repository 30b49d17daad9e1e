/** Pins keep levels, tell of changes alone, and turn the edges they are wired for into interrupts. */
import test from 'ava';
import { Gpio } from '../../src/devices/gpio.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import { BenchBoard } from './bench-board.ts';

function bench() {
  const board = new BenchBoard();
  return { board, gpio: new Gpio(board) };
}

test('a pin is an input at 0 until somebody drives it', (t) => {
  const { gpio } = bench();
  t.deepEqual([gpio.read(0), gpio.read(255), gpio.modeOf(7)], [0, 0, 'input']);
  gpio.write(7, 0);
  t.is(gpio.modeOf(7), 'output');
  gpio.setMode(7, 'input');
  t.is(gpio.modeOf(7), 'input');
  gpio.setMode(8, 'output');
  t.deepEqual([gpio.modeOf(8), gpio.read(8)], ['output', 0]);
});

test('only changes are told, with who made them', (t) => {
  const { board, gpio } = bench();
  gpio.write(3, 0);
  gpio.write(3, 1);
  gpio.write(3, 1);
  gpio.drive(3, 1);
  gpio.drive(3, 0);
  t.deepEqual(board.seen, ['pin 3 1 guest', 'pin 3 0 outside']);
  t.is(gpio.read(3), 0);
});

for (const [edge, expected] of [
  ['rising', ['up', 'up']],
  ['falling', ['down']],
  ['both', ['up', 'down', 'up']],
] as const) {
  test(`a wire for ${edge} edges pends its line at those, and at no other pin's`, (t) => {
    const { board, gpio } = bench();
    gpio.wire(4, 9 as LineNumber, edge);
    const pended: string[] = [];
    for (const level of [1, 1, 0, 1] as const) {
      board.seen.length = 0;
      gpio.drive(4, level);
      gpio.drive(5, level);
      if (board.seen.includes('pend 9 pin 4')) pended.push(level === 1 ? 'up' : 'down');
    }
    t.deepEqual(pended, [...expected]);
  });
}

test('the change is told before the interrupt it causes', (t) => {
  const { board, gpio } = bench();
  gpio.wire(1, 2 as LineNumber, 'both');
  gpio.write(1, 1);
  t.deepEqual(board.seen, ['pin 1 1 guest', 'pend 2 pin 1']);
});
