/**
 * Interrupts from another thread, at any rate and at any moment: each is delivered or counted, and no result is ever another.
 * Small versions of what `npm run bench -- --part real-time` does; nothing here depends on how long anything takes.
 */
import test from 'ava';
import { kernels } from '../../bench/kernels.ts';
import { POST_COUNTS } from '../../bench/real-time/job.ts';
import { doJob } from '../../bench/real-time/link.ts';
import { storm } from '../../bench/real-time/storm.ts';
import { root } from '../../bench/root.ts';
import type { Outlet } from '../../src/host/board-link.ts';
import { wat } from '../support/wat.ts';

/**
 * Takes its mailbox as the design has it: doorbell to 0 first, then the pending bits by an exchange (plain load and store
 * where memory is not shared), then the ring up to its tail. Counts both, and ends when line 9 has come.
 */
const takes = (shared: boolean) =>
  withMemory(
    shared,
    wat(`(module (memory (export "memory") 1 1)
  (global (export "wirq_mailbox") i32 (i32.const 1024))
  (global (export "bits") i32 (i32.const 16)) (global (export "entries") i32 (i32.const 20))
  (data (i32.const 1024) "WIRQ\\01\\00\\40\\00") (data (i32.const 1036) "\\08") (data (i32.const 1048) "\\10")
  (func $take (param $at i32) (result i32) (local $was i32)
    ${
      shared
        ? '(i32.atomic.rmw.xchg (local.get $at) (i32.const 0))'
        : '(local.set $was (i32.load (local.get $at))) (i32.store (local.get $at) (i32.const 0)) (local.get $was)'
    })
  (func (export "main") (local $word i32) (local $tail i32)
    (loop $again
      (br_if $again (i32.eqz (i32.load (i32.const 1032))))
      (i32.store (i32.const 1032) (i32.const 0))
      (local.set $word (call $take (i32.const 1088)))
      (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.popcnt (local.get $word))))
      (local.set $tail (i32.load (i32.const 1056)))
      (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20)) (i32.sub (local.get $tail) (i32.load (i32.const 1052)))))
      (i32.store (i32.const 1052) (local.get $tail))
      (br_if $again (i32.eqz (i32.and (local.get $word) (i32.const 512)))))))`),
  );

/** The text format's parser knows no shared memory: the flags of the only memory, of one page, are set afterwards. */
function withMemory(shared: boolean, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const section = [5, 4, 1, 1, 1, 1];
  const at = bytes.findIndex((_, start) => section.every((byte, k) => bytes[start + k] === byte));
  return shared ? bytes.with(at + 3, 3) : bytes;
}

const POSTS = 1_000_000;
type Counts = [number, number, number, number, number, number, number];

/** The board hears now and then: that there is a mailbox in shared memory, it is told. */
async function posts(board: Outlet, count: () => void): Promise<void> {
  for (let n = 0; n < POSTS; n++) {
    if (n % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, n === 0 ? 50 : 0));
    if (board.pend(n & 7)) count();
  }
  board.pend(9);
}

for (const preempt of ['native', 'safepoints'] as const) {
  for (const shared of [false, true]) {
    const memory = shared ? 'shared memory' : 'memory that is not shared';
    test.serial(`a million posts from another thread, into ${memory} at ${preempt}: none is lost`, async (t) => {
      const results = new Float64Array(new SharedArrayBuffer(8 * POST_COUNTS.length));
      let atOnce = 0;
      await doJob(preempt, { kind: 'posts', firmware: takes(shared), results: results.buffer }, (board) => {
        void posts(board, () => atOnce++);
      });
      const [bits, entries, posted, overruns, raised, delivered, coalesced] = Array.from(results) as Counts;
      t.is(raised, POSTS + 1);
      // While it runs, other threads reach only memory that is shared.
      t.is(atOnce > 0, shared);
      t.is(delivered + coalesced, raised, 'each is delivered, or became one with another');
      t.is(posted, delivered, 'what is delivered is posted');
      // A post overruns when its bit was still set, or the ring was full; all others the guest has seen, in both.
      t.true(bits <= posted && bits >= posted - overruns, `${bits} bits of ${posted} posts, ${overruns} overruns`);
      t.true(entries <= posted && entries >= posted - overruns, `${entries} entries`);
      t.true(bits > 0);
    });
  }
}

for (const name of ['decision-tree', 'image-blocks', 'expression']) {
  test.serial(`native interrupts at any moment change nothing in ${name}, red zone and all`, async (t) => {
    const kernel = kernels.find((each) => each.name === name)!;
    const { delivered, raised, coalesced } = await storm(root, kernel, 200);
    t.true(delivered >= 200);
    t.is(raised, delivered + coalesced);
  });
}
