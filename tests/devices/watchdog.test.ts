/** A watchdog bites when it is fed too late, or too early, and at no other time. */
import test from 'ava';
import fc from 'fast-check';
import { duration } from '../../src/clock/instant.ts';
import { Watchdog, type WatchdogConfig } from '../../src/devices/watchdog.ts';
import { BenchBoard } from './bench-board.ts';

function bench(config: WatchdogConfig = {}) {
  const board = new BenchBoard();
  board.observed = false;
  return { board, watchdog: new Watchdog(board, config) };
}

const bites = (board: BenchBoard) => board.seen.filter((each) => !each.startsWith('device'));

test('resets when its time is over; food puts that off', (t) => {
  const { board, watchdog } = bench();
  t.false(watchdog.feed(), 'does not run yet');
  board.advance(1000);
  t.false(watchdog.isRunning);
  watchdog.start(duration(100));
  board.advance(1099);
  t.true(watchdog.feed());
  board.advance(1198);
  t.deepEqual(bites(board), []);
  board.advance(1199);
  t.deepEqual(bites(board), ['reset watchdog']);
});

test('in a window, food that comes too soon is as bad as none', (t) => {
  const { board, watchdog } = bench({ window: duration(50) });
  watchdog.start(duration(100));
  board.advance(50);
  watchdog.feed();
  t.deepEqual(bites(board), []);
  board.advance(99);
  watchdog.feed();
  t.deepEqual(bites(board), ['reset watchdog']);
  t.deepEqual(watchdog.account(), { feeds: 2, expiries: 0, early: 1 });
});

test('NMI warns once; without food after it comes the reset', (t) => {
  const { board, watchdog } = bench({ action: 'nmi' });
  watchdog.start(duration(100));
  board.advance(100);
  t.deepEqual(bites(board), ['NMI watchdog']);
  board.advance(150);
  watchdog.feed();
  board.advance(249);
  t.deepEqual(bites(board), ['NMI watchdog'], 'fed in time after the warning');
  board.advance(350);
  t.deepEqual(bites(board), ['NMI watchdog', 'NMI watchdog', 'reset watchdog']);
});

test('one that the hardware starts runs from the beginning, and again after each reset; another rests', (t) => {
  const hardware = bench({ timeout: duration(100) });
  hardware.board.advance(100);
  t.deepEqual(bites(hardware.board), ['reset watchdog']);
  hardware.watchdog.reset();
  hardware.board.advance(200);
  t.deepEqual(bites(hardware.board), ['reset watchdog', 'reset watchdog']);
  const { board, watchdog } = bench();
  watchdog.start(duration(100));
  watchdog.reset();
  board.advance(1000);
  t.deepEqual(bites(board), []);
});

test('whenever it is fed: it bites exactly when food was late or early', (t) => {
  const gap = fc.integer({ min: 1, max: 150 });
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 30 }), fc.nat(60), (gaps, window) => {
      const { board, watchdog } = bench({ window: duration(window) });
      watchdog.start(duration(100));
      for (const each of gaps) {
        board.advance(board.now() + each);
        const late = each >= 100;
        if (late !== (bites(board).length === 1)) throw new Error(`after ${each}: ${bites(board)}`);
        if (late) return;
        watchdog.feed();
        const early = each < window;
        if (early !== (bites(board).length === 1)) throw new Error(`fed after ${each}: ${bites(board)}`);
        if (early) return;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});
