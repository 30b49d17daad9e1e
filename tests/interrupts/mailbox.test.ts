/** The host's side of the mailbox: every field where the layout says, every broken header refused, nothing lost uncounted. */
import test from 'ava';
import fc from 'fast-check';
import { Mailbox, type OutboxEntry } from '../../src/interrupts/mailbox.ts';
import { ENTRY_BYTES, MAX_CAPACITY } from '../../src/interrupts/mailbox-layout.ts';

const AT = 64;

/** Offsets as the interface's documentation has them, written down again. */
const field = {
  doorbell: 8,
  words: 12,
  posted: 16,
  overruns: 20,
  inboxCapacity: 24,
  inboxHead: 28,
  inboxTail: 32,
  hostDoorbell: 36,
  outboxCapacity: 40,
  outboxHead: 44,
  outboxTail: 48,
};

function memory(pages = 1): { memory: WebAssembly.Memory; view: () => DataView; u32: (offset: number) => number } {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 4 });
  const view = () => new DataView(memory.buffer, AT);
  return { memory, view, u32: (offset) => view().getUint32(offset, true) };
}

/** A block as a module's data would hold it. */
function block(view: DataView, words: number, inbox: number, outbox: number): void {
  view.setUint32(0, 0x51524957, true);
  view.setUint16(4, 1, true);
  view.setUint16(6, 64, true);
  view.setUint32(field.words, words, true);
  view.setUint32(field.inboxCapacity, inbox, true);
  view.setUint32(field.outboxCapacity, outbox, true);
}

test('a formatted block holds all lines and two equal rings, as large as they fit', (t) => {
  for (const [bytes, capacity] of [
    [96, 0],
    [96 + 47, 0],
    [96 + 48, 1],
    [96 + 95, 1],
    [96 + 96, 2],
    [4096, 64],
    [65536 - AT, 1024],
  ] as const) {
    const { memory: guest, view, u32 } = memory();
    new Uint8Array(guest.buffer).fill(0xaa);
    t.truthy(Mailbox.format(guest, AT, bytes));
    t.is(Buffer.from(guest.buffer, AT, 4).toString('latin1'), 'WIRQ');
    t.deepEqual([view().getUint16(4, true), view().getUint16(6, true), u32(field.words)], [1, 64, 8]);
    t.deepEqual([u32(field.inboxCapacity), u32(field.outboxCapacity)], [capacity, capacity], `${bytes} bytes`);
    for (const offset of [8, 16, 20, 28, 32, 36, 44, 48, 52, 56, 60, 64, 92]) t.is(u32(offset), 0);
    t.is(new Uint8Array(guest.buffer)[AT - 1], 0xaa);
    t.is(new Uint8Array(guest.buffer)[AT + 96], 0xaa, 'the rings are left alone');
  }
});

test('no block is formatted where none fits', (t) => {
  const { memory: guest } = memory();
  for (const [address, bytes] of [
    [AT + 4, 4096],
    [AT + 1, 4096],
    [AT, 95],
    [AT, 0],
    [AT, 65536],
    [65536, 96],
    [0xffff_fff8, 96],
    [8, 0xffff_ffff],
  ] as const) {
    t.is(Mailbox.format(guest, address, bytes), undefined, `${bytes} bytes at ${address}`);
  }
  t.deepEqual(new Uint8Array(guest.buffer), new Uint8Array(65536), 'and nothing is written');
});

test('a block that the module formatted is taken over with the sizes it states', (t) => {
  for (const [words, inbox, outbox] of [
    [0, 0, 0],
    [1, 4, 0],
    [8, 0, 16],
    [3, 1, 1],
    [8, 1024, 1024],
  ] as const) {
    const { memory: guest, view } = memory();
    block(view(), words, inbox, outbox);
    t.notThrows(() => Mailbox.adopt(guest, AT));
  }
});

const BROKEN: readonly (readonly [name: string, message: RegExp, spoil: (view: DataView) => void])[] = [
  ['magic', /its magic is 0x51524958/, (view) => view.setUint32(0, 0x51524958, true)],
  ['magic of another byte order', /its magic is 0x57495251/, (view) => view.setUint32(0, 0x51524957, false)],
  ['version', /its version is 2, not 1/, (view) => view.setUint16(4, 2, true)],
  ['header size', /its header says 60 bytes, not 64/, (view) => view.setUint16(6, 60, true)],
  ['words', /it has 9 words of pending bits, more than 8/, (view) => view.setUint32(field.words, 9, true)],
  ['many words', /it has 4294967295 words/, (view) => view.setUint32(field.words, 0xffff_ffff, true)],
  ['inbox capacity', /its inbox capacity is 3,/, (view) => view.setUint32(field.inboxCapacity, 3, true)],
  ['outbox capacity', /its outbox capacity is 6,/, (view) => view.setUint32(field.outboxCapacity, 6, true)],
  [
    'huge inbox',
    /its inbox capacity is 131072,/,
    (view) => view.setUint32(field.inboxCapacity, 2 * MAX_CAPACITY, true),
  ],
  ['negative outbox', /capacity is 2147483648,/, (view) => view.setUint32(field.outboxCapacity, 0x8000_0000, true)],
  ['size', /its 98496 bytes do not lie in memory/, (view) => view.setUint32(field.inboxCapacity, 4096, true)],
];

for (const [name, message, spoil] of BROKEN) {
  test(`a block with a broken ${name} is refused`, (t) => {
    const { memory: guest, view } = memory();
    block(view(), 8, 0, 4);
    spoil(view());
    t.throws(() => Mailbox.adopt(guest, AT), { code: 'bad-mailbox', message });
  });
}

test('a block at an address that holds none is refused', (t) => {
  const { memory: guest } = memory();
  t.throws(() => Mailbox.adopt(guest, 68), { code: 'bad-mailbox', message: /at address 0x44 .* not 8-aligned/ });
  t.throws(() => Mailbox.adopt(guest, 65536 - 56), { code: 'bad-mailbox', message: /header does not lie in memory/ });
  t.throws(() => Mailbox.adopt(guest, 0xffff_fff8), { code: 'bad-mailbox', message: /header does not lie in memory/ });
});

test('a post sets the bit, fills an entry, counts, and rings', (t) => {
  const { memory: guest, view, u32 } = memory();
  const mailbox = Mailbox.format(guest, AT, 4096)!;
  t.true(mailbox.postIrq(37, 2 ** 53 - 1));
  t.is(u32(64 + 4), 1 << 5);
  t.true(mailbox.postIrq(239, 7));
  t.is(u32(64 + 28), 1 << 15);
  t.true(mailbox.postSignal(10, 8, -2));
  t.deepEqual([u32(field.doorbell), u32(field.posted), u32(field.overruns)], [1, 3, 0]);
  t.deepEqual([u32(field.inboxHead), u32(field.inboxTail)], [0, 3]);
  const entry = (at: number) => {
    const offset = 96 + at * ENTRY_BYTES;
    return [
      u32(offset),
      u32(offset + 4),
      view().getBigUint64(offset + 8, true),
      view().getBigUint64(offset + 16, true),
    ];
  };
  t.deepEqual(entry(0), [1, 37, 2n ** 53n - 1n, 0n]);
  t.deepEqual(entry(1), [1, 239, 7n, 0n]);
  t.deepEqual(entry(2), [2, 10, 8n, 2n ** 64n - 2n]);
});

test('without a ring, bits alone are posted; without bits, entries alone; without either, all is overrun', (t) => {
  const bits = memory();
  block(bits.view(), 1, 0, 0);
  const ringless = Mailbox.adopt(bits.memory, AT);
  t.deepEqual([ringless.postIrq(31, 0), ringless.postIrq(31, 0), ringless.postIrq(32, 0)], [true, false, false]);
  t.false(ringless.postSignal(1, 0, 0));
  t.deepEqual([bits.u32(64), bits.u32(68), bits.u32(72)], [(1 << 31) >>> 0, 0, 0]);
  t.deepEqual(ringless.account, { posted: 4, overruns: 3 });
  const ring = memory();
  block(ring.view(), 0, 2, 0);
  const bitless = Mailbox.adopt(ring.memory, AT);
  t.deepEqual([bitless.postIrq(3, 0), bitless.postIrq(3, 0), bitless.postIrq(3, 0)], [true, true, false]);
  t.is(ring.u32(64), 1, 'the ring begins right behind the header');
  t.deepEqual([ring.u32(field.posted), ring.u32(field.overruns), ring.u32(field.inboxTail)], [3, 1, 2]);
});

test('heads and tails run through 2^32', (t) => {
  const { memory: guest, view, u32 } = memory();
  block(view(), 0, 4, 4);
  const start = 0xffff_fffe;
  for (const offset of [field.inboxHead, field.inboxTail, field.outboxHead, field.outboxTail]) {
    view().setUint32(offset, start, true);
  }
  const mailbox = Mailbox.adopt(guest, AT);
  for (let line = 0; line < 4; line++) t.true(mailbox.postIrq(line, 0));
  t.false(mailbox.postIrq(4, 0));
  t.is(u32(field.inboxTail), 2);
  t.deepEqual(
    [0, 1, 2, 3].map((at) => u32(64 + at * ENTRY_BYTES + 4)),
    [2, 3, 0, 1],
  );
  const outbox = 64 + 4 * ENTRY_BYTES;
  for (let at = 0; at < 4; at++) view().setUint32(outbox + ((start + at) % 4) * ENTRY_BYTES, 100 + at, true);
  view().setUint32(field.outboxTail, 2, true);
  const kinds: number[] = [];
  mailbox.take(({ kind }) => kinds.push(kind));
  t.deepEqual(kinds, [100, 101, 102, 103]);
  t.is(u32(field.outboxHead), 2);
});

test('the outbox is taken in order, its doorbell cleared first', (t) => {
  const { memory: guest, view, u32 } = memory();
  const mailbox = Mailbox.format(guest, AT, 4096)!;
  t.false(mailbox.hasMail);
  const outbox = 96 + 64 * ENTRY_BYTES;
  for (let at = 0; at < 3; at++) {
    view().setUint32(outbox + at * ENTRY_BYTES, at + 1, true);
    view().setUint32(outbox + at * ENTRY_BYTES + 4, 0xffff_fff0 + at, true);
    view().setBigUint64(outbox + at * ENTRY_BYTES + 16, 2n ** 64n - 1n, true);
  }
  view().setUint32(field.outboxTail, 3, true);
  t.false(mailbox.hasMail, 'nobody rang');
  view().setUint32(field.hostDoorbell, 1, true);
  t.true(mailbox.hasMail);
  const taken: OutboxEntry[] = [];
  mailbox.take((entry) => {
    t.is(u32(field.hostDoorbell), 0);
    t.is(u32(field.outboxHead), taken.length + 1, 'an entry is taken before it is acted on');
    if (taken.length === 0) guest.grow(1);
    taken.push({ ...entry });
  });
  t.deepEqual(
    taken.map(({ kind, number }) => [kind, number]),
    [
      [1, 0xffff_fff0],
      [2, 0xffff_fff1],
      [3, 0xffff_fff2],
    ],
  );
  t.is(taken[0]!.value, 2n ** 64n - 1n);
  t.false(mailbox.hasMail);
});

test('indices that cannot be stop the machine instead of writing anywhere', (t) => {
  const { memory: guest, view } = memory();
  const mailbox = Mailbox.format(guest, AT, 96 + 96)!;
  view().setUint32(field.inboxHead, 5, true);
  t.throws(() => mailbox.postIrq(1, 0), { code: 'bad-mailbox', message: /inbox claims 4294967291 entries of 2/ });
  t.throws(() => mailbox.postSignal(1, 0, 0), { code: 'bad-mailbox' });
  view().setUint32(field.outboxTail, 3, true);
  t.throws(() => mailbox.take(() => {}), { code: 'bad-mailbox', message: /outbox claims 3 entries of 2/ });
});

test('a header that the guest overwrote stops the machine, and nothing is posted by it', (t) => {
  for (const [at, name] of [
    [0, 'magic'],
    [4, 'version'],
    [field.words, 'number of words'],
    [field.inboxCapacity, 'inbox capacity'],
    [field.outboxCapacity, 'outbox capacity'],
  ] as const) {
    const { memory: guest, view } = memory();
    const mailbox = Mailbox.format(guest, AT, 96 + 96)!;
    view().setUint32(at, 1 << 16, true);
    const before = new Uint8Array(guest.buffer).slice();
    for (const act of [() => mailbox.postIrq(1, 0), () => mailbox.postSignal(1, 0, 0), () => mailbox.take(() => {})]) {
      t.throws(act, { code: 'bad-mailbox', message: new RegExp(`its ${name} was 0x[0-9a-f]+, and is 0x10000 now`) });
    }
    t.deepEqual(new Uint8Array(guest.buffer), before);
  }
});

test('memory that grows takes the mailbox along', (t) => {
  const { memory: guest, u32 } = memory();
  const mailbox = Mailbox.format(guest, AT, 4096)!;
  guest.grow(2);
  t.true(mailbox.postIrq(5, 0));
  t.is(u32(64), 1 << 5);
  t.false(mailbox.hasMail);
});

type Step =
  | { readonly op: 'irq'; readonly line: number }
  | { readonly op: 'signal'; readonly number: number }
  | { readonly op: 'guest' };

test('nothing is lost without being counted, over random posts and takes', (t) => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ op: fc.constant('irq'), line: fc.constantFrom(0, 1, 31, 32, 63, 64, 239) }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('signal'), number: fc.integer({ min: 1, max: 64 }) }) },
    { weight: 2, arbitrary: fc.constant({ op: 'guest' }) },
  );
  const shape = fc.record({
    words: fc.constantFrom(0, 1, 2, 8),
    capacity: fc.constantFrom(0, 1, 2, 4),
    start: fc.constantFrom(0, 7, 0xffff_fffd),
    steps: fc.array(step, { maxLength: 60, size: 'max' }),
  });
  fc.assert(
    fc.property(shape, ({ words, capacity, start, steps }) => {
      const { memory: guest, view, u32 } = memory();
      block(view(), words, capacity, 0);
      view().setUint32(field.inboxHead, start, true);
      view().setUint32(field.inboxTail, start, true);
      const mailbox = Mailbox.adopt(guest, AT);
      const bits = new Set<number>();
      const ring: string[] = [];
      const received: string[] = [];
      const expected: string[] = [];
      let posted = 0;
      let overruns = 0;
      const ringAt = 64 + ((words * 4 + 7) & ~7);
      /** As the guest of the documentation: doorbell, words, ring. */
      const take = () => {
        view().setUint32(field.doorbell, 0, true);
        for (let word = 0; word < words; word++) {
          const pending = u32(64 + word * 4);
          view().setUint32(64 + word * 4, 0, true);
          for (let bit = 0; bit < 32; bit++) if ((pending >>> bit) & 1) received.push(`bit ${word * 32 + bit}`);
        }
        for (let head = u32(field.inboxHead); head !== u32(field.inboxTail); head = (head + 1) >>> 0) {
          const at = ringAt + (head % capacity) * ENTRY_BYTES;
          received.push(`entry ${u32(at)} ${u32(at + 4)}`);
          view().setUint32(field.inboxHead, (head + 1) >>> 0, true);
        }
        expected.push(...[...bits].sort((a, b) => a - b).map((line) => `bit ${line}`), ...ring);
        bits.clear();
        ring.length = 0;
      };
      for (const step of steps) {
        if (step.op === 'guest') {
          take();
          continue;
        }
        const isIrq = step.op === 'irq';
        const entry = isIrq ? `entry 1 ${step.line}` : `entry 2 ${step.number}`;
        const hasBit = isIrq && step.line < words * 32;
        const fits = ring.length < capacity;
        const clean = (!hasBit || !bits.has(step.line)) && (fits || (hasBit && capacity === 0));
        if (hasBit) bits.add(step.line);
        if (fits) ring.push(entry);
        posted++;
        if (!clean) overruns++;
        const answer = isIrq ? mailbox.postIrq(step.line, 0) : mailbox.postSignal(step.number, 0, 0);
        if (answer !== clean) throw new Error(`${entry}: ${answer}, not ${clean}`);
        if (u32(field.doorbell) !== 1) throw new Error('a post rings');
      }
      take();
      if (received.join() !== expected.join()) throw new Error(`received ${received}, not ${expected}`);
      if (u32(field.posted) !== posted || u32(field.overruns) !== overruns)
        throw new Error('the guest reads other counts');
      if (mailbox.account.posted !== posted || mailbox.account.overruns !== overruns)
        throw new Error('the host has other counts');
      // Whatever was posted was received as an entry or as a bit, or is among the overruns.
      const entries = received.filter((each) => each.startsWith('entry')).length;
      const bitsSeen = received.length - entries;
      if (posted - overruns > Math.max(entries, bitsSeen + entries)) throw new Error('something was lost');
    }),
    { numRuns: 500 },
  );
  t.pass();
});
