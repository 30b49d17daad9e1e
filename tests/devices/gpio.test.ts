/** Pins keep levels, tell of changes alone, and turn the edges they are wired for into interrupts. */
import test from 'ava';
import fc from 'fast-check';
import { duration } from '../../src/clock/instant.ts';
import { Gpio, type Level } from '../../src/devices/gpio.ts';
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

test('a pin that nobody drives has the level of its resistor; the one on the chip wins over the one on the board', (t) => {
  const { gpio } = bench();
  gpio.pull(4, 'up');
  t.is(gpio.read(4), 1);
  gpio.setMode(4, 'input', 'down');
  t.is(gpio.read(4), 0);
  gpio.drive(4, 1);
  gpio.setMode(4, 'input', 'up');
  gpio.drive(4, 0);
  t.is(gpio.read(4), 0, 'driven');
  gpio.release(4);
  t.is(gpio.read(4), 1, 'let go');
  gpio.drive(5, 1);
  gpio.release(5);
  t.is(gpio.read(5), 1, 'floats as it was');
  gpio.write(4, 0);
  gpio.release(4);
  t.is(gpio.read(4), 0, 'an output has no resting level');
});

for (const [trigger, expected] of [
  ['high', ['let go 9 pin 4', 'hold 9 pin 4', 'let go 9 pin 4']],
  ['low', ['hold 9 pin 4', 'let go 9 pin 4', 'hold 9 pin 4']],
] as const) {
  test(`a wire for the level ${trigger} holds its line for as long as it lasts`, (t) => {
    const { board, gpio } = bench();
    gpio.wire(4, 9 as LineNumber, trigger);
    for (const level of [1, 1, 0] as const) gpio.drive(4, level);
    t.deepEqual(
      board.seen.filter((each) => !each.startsWith('pin')),
      [...expected],
    );
  });
}

test('the guest may wire a pin otherwise; a reset brings the wiring of the board back', (t) => {
  const { board, gpio } = bench();
  const pended = () => board.seen.splice(0).filter((each) => !each.startsWith('pin'));
  gpio.wire(4, 9 as LineNumber, 'rising');
  gpio.interrupt(4, 12 as LineNumber, 'falling');
  gpio.interrupt(5, 13 as LineNumber, 'high');
  gpio.drive(4, 1);
  gpio.drive(5, 1);
  gpio.drive(4, 0);
  t.deepEqual(pended(), ['let go 13 pin 5', 'hold 13 pin 5', 'pend 12 pin 4']);
  gpio.reset();
  t.deepEqual(pended(), ['let go 13 pin 5']);
  gpio.drive(4, 1);
  gpio.drive(5, 0);
  gpio.drive(5, 1);
  t.deepEqual(pended(), ['pend 9 pin 4']);
  gpio.interrupt(4, 9 as LineNumber, undefined);
  gpio.drive(4, 0);
  gpio.drive(4, 1);
  t.deepEqual(pended(), []);
});

test('a reset makes inputs again, and what drives a pin from outside still does', (t) => {
  const { gpio } = bench();
  gpio.pull(1, 'up');
  gpio.write(1, 0);
  gpio.setMode(2, 'input', 'up');
  gpio.drive(3, 1);
  gpio.write(5, 1);
  gpio.reset();
  t.deepEqual([gpio.modeOf(1), gpio.read(1), gpio.read(3), gpio.read(5)], ['input', 1, 1, 0]);
});

test('a contact bounces for as long as it may, comes to rest where it was put, and does the same for the same seed', (t) => {
  const edges = (seed: number, levels: readonly Level[]) => {
    const board = new BenchBoard();
    board.seed = seed;
    const gpio = new Gpio(board);
    gpio.bounce(4, duration(1_000_000));
    const changes: [number, Level][] = [];
    gpio.watch(4, (level, at) => changes.push([at, level]));
    let start = 0;
    for (const level of levels) {
      start += 10_000_000;
      board.advance(start);
      gpio.drive(4, level);
      board.advance(start + 5_000_000);
      if (gpio.read(4) !== level) throw new Error('came to rest at the wrong level');
      if (changes.at(-1)![0] > start + 1_000_000) throw new Error('bounces for too long');
    }
    return changes;
  };
  fc.assert(
    fc.property(fc.nat(1000), fc.array(fc.constantFrom<Level>(0, 1), { maxLength: 8 }), (seed, more) => {
      const changes = edges(seed, [1, ...more]);
      if (JSON.stringify(changes) !== JSON.stringify(edges(seed, [1, ...more]))) throw new Error('not repeatable');
      if (changes.some(([, level], at) => level !== (at % 2 === 0 ? 1 : 0))) throw new Error('changes alternate');
      if (changes.length < 2) throw new Error('did not bounce');
    }),
    { numRuns: 100 },
  );
  t.notDeepEqual(edges(1, [1]), edges(2, [1]));
});
