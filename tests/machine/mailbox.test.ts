/** Guests with a mailbox: opened or exported, polled by plain loads, answering through the outbox. */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { firmware, NS_PER_CYCLE, run, trapOf } from './firmware.ts';

const BLOCK = 1024;
const hex = (value: number) =>
  [0, 8, 16, 24].map((shift) => `\\${((value >>> shift) & 0xff).toString(16).padStart(2, '0')}`).join('');

/** A module without a single import, its block formatted by its own data: 8 words, inbox and outbox of 4 entries. */
const silent = (body: string, { words = 8, inbox = 4, outbox = 4, magic = 0x51524957 } = {}) => `(module
  (memory (export "memory") 1) (global (export "wirq_mailbox") i32 (i32.const ${BLOCK}))
  (data (i32.const ${BLOCK}) "${hex(magic)}\\01\\00\\40\\00${hex(0)}${hex(words)}${hex(0)}${hex(0)}${hex(inbox)}${hex(0)}${hex(0)}${hex(0)}${hex(outbox)}")
  ${TELL(words, inbox)} ${body})`;

/** `$tell` puts an entry into the outbox and rings, as sdk/c/wirq.h does. */
const TELL = (words: number, inbox: number, block = BLOCK, capacity = 4) => `
  (func $tell (param $kind i32) (param $number i32) (param $value i64) (local $tail i32) (local $at i32)
    (local.set $tail (i32.load (i32.const ${block + 48})))
    (local.set $at (i32.add (i32.const ${block + 64 + words * 4 + inbox * 24})
      (i32.mul (i32.and (local.get $tail) (i32.const ${capacity - 1})) (i32.const 24))))
    (i32.store (local.get $at) (local.get $kind))
    (i32.store offset=4 (local.get $at) (local.get $number))
    (i64.store offset=16 (local.get $at) (local.get $value))
    (i32.store (i32.const ${block + 48}) (i32.add (local.get $tail) (i32.const 1)))
    (i32.store (i32.const ${block + 36}) (i32.const 1)))`;

const tell = (kind: number, number: number, value: number | bigint = 0) =>
  `(call $tell (i32.const ${kind}) (i32.const ${number}) (i64.const ${value}))`;
/** Waits by loading the doorbell again and again, and calls nobody. */
const poll = (block = BLOCK) => `(loop $wait (br_if $wait (i32.eqz (i32.load (i32.const ${block + 8})))))
  (i32.store (i32.const ${block + 8}) (i32.const 0))`;
const spin = '(loop (br 0))';

function ran(body: string, prepare: (machine: Machine) => void = () => {}, options: MachineOptions = {}) {
  return run(silent(`(func (export "_start") (local $x i32) ${body})`), { timeout: '100ms', ...options }, prepare);
}

test('a guest that only loads finds what was posted, and everything it tells is done', (t) => {
  const { result, show, machine } = ran(
    `${poll()}
      (i32.store (i32.const 0) (i32.load (i32.const ${BLOCK + 64 + 4})))
      (i32.store (i32.const 4) (i32.load (i32.const ${BLOCK + 96})))
      (i32.store (i32.const 8) (i32.load (i32.const ${BLOCK + 96 + 4})))
      (i64.store (i32.const 16) (i64.load (i32.const ${BLOCK + 96 + 8})))
      ${tell(1, 37)} ${tell(3, 13, 5)} ${tell(4, 2, 0x141)} ${tell(7, 9, 99)} ${poll()} ${tell(6, 0, 42)} ${spin}`,
    (m) => {
      m.raise(37, '1ms');
      m.raise(3, '2ms');
    },
  );
  t.is(result.exitCode, 42);
  t.deepEqual(show('pend', 'post', 'done', 'pin', 'uart-tx', 'guest'), [
    'pend IRQ37 injection',
    'post irq 37',
    'done IRQ37',
    'pin 13 1 guest',
    'uart-tx 2 A',
    'guest 9 99',
    'pend IRQ3 injection',
    'post irq 3',
  ]);
  const view = new DataView(machine.readMemory(0, 24).buffer);
  t.deepEqual([view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)], [1 << 5, 1, 37]);
  t.true(view.getBigUint64(16, true) >= 1_000_000n && view.getBigUint64(16, true) < 1_010_000n);
  t.deepEqual(result.mailbox, { posted: 2, overruns: 0 });
  t.is(machine.delivered(37), 1);
});

test('timers run by mailbox, and stop with a period of 0', (t) => {
  const { show, result } = ran(
    `${tell(5, 2, 1_000_000)} ${poll()} ${poll()} ${tell(5, 2, 0)} ${tell(5, 3, 5_000_000)} ${poll()} ${tell(6, 0)} ${spin}`,
    undefined,
    { irqs: { TIMER3: 99 } },
  );
  t.deepEqual(show('post'), ['post irq 18', 'post irq 18 true', 'post irq 99']);
  t.is(Math.floor(result.time / 1e6), 7);
});

test('a line pended through the outbox comes back through the inbox', (t) => {
  const { show, result } = ran(`${tell(2, 77)} ${poll()} ${tell(6, 0, -1)} ${spin}`);
  t.deepEqual(show('pend', 'post'), ['pend IRQ77 outbox', 'post irq 77']);
  t.is(result.exitCode, 255);
});

test('large values of events are kept, as text', (t) => {
  const { show } = ran(`${tell(7, 1, 2n ** 53n - 1n)} ${tell(7, 2, -1n)} ${tell(6, 0)} ${spin}`);
  t.deepEqual(show('guest'), ['guest 1 9007199254740991', 'guest 2 18446744073709551615']);
});

for (const [entry, message] of [
  [tell(0, 0), /there is no kind 0/],
  [tell(8, 0), /there is no kind 8/],
  [tell(1, 240), /done: there is no interrupt line 240/],
  [tell(2, 0xffff_fff0), /pend: there is no interrupt line/],
  [tell(3, 256, 1), /gpio: there is no pin 256/],
  [tell(4, 4, 65), /uart: there is no serial port 4/],
  [tell(5, 16, 1), /timer 16/],
  [tell(5, 0, 2n ** 53n), /a period of 9007199254740992 ns/],
] as const) {
  test(`a bad entry stops the machine: ${message.source}`, (t) => {
    const { result } = ran(`${entry} ${spin}`);
    t.regex(trapOf(result) ?? '', message);
    t.is(result.exitCode, 134);
  });
}

test('a script waits for events in their order, by number or by value too, and consumes them', (t) => {
  const machine = firmware(
    silent(`(func (export "_start") (local $x i32)
      ${tell(7, 1, 10)} ${tell(7, 2, -1n)} ${poll()} ${tell(7, 1, 11)} ${tell(7, 1, 12)} ${spin})`),
    { timeout: '100ms' },
  );
  const seen: string[] = [];
  const result = machine.run(function* () {
    yield machine.untilEvent(2, { value: -1, timeout: '1ms' });
    seen.push('2');
    try {
      yield machine.untilEvent(1, { timeout: '1ms' }); // that of before is gone
    } catch (error) {
      seen.push((error as Error).message);
    }
    machine.raise(3);
    yield machine.untilEvent(1, { value: 12n, timeout: '1ms' });
    try {
      yield machine.untilEvent(1, { value: 11, timeout: '1ms' });
    } catch (error) {
      seen.push((error as Error).message);
    }
  });
  t.is(result.outcome.kind, 'finished');
  t.is(seen[0], '2');
  t.regex(seen[1]!, /^event 1 did not come: its time ran out at 1\S+ms \(it has told nothing else\)$/);
  t.regex(seen[2]!, /^event 1 with 11 did not come: its time ran out/);
});

test('an exported global that can be no address is refused at load', (t) => {
  for (const [source, message] of [
    ['(memory 1) (global (export "wirq_mailbox") i64 (i64.const 8))', /is no address of a mailbox: it is of type i64/],
    ['(global (export "wirq_mailbox") i32 (i32.const 8))', /is no address of a mailbox: there is no memory/],
  ] as const) {
    t.throws(() => firmware(`(module ${source} (func (export "_start")))`), { code: 'bad-mailbox', message });
  }
});

test('a header that the guest overwrites stops the machine at the next post', (t) => {
  const { result } = ran(`(i32.store (i32.const ${BLOCK}) (i32.const 0)) ${spin}`, (m) => m.raise(3, '1ms'));
  t.regex(trapOf(result) ?? '', /its magic was 0x51524957, and is 0x0 now/);
  t.is(result.exitCode, 134);
});

test('indices that the guest breaks stop the machine', (t) => {
  const outbox = ran(
    `(i32.store (i32.const ${BLOCK + 48}) (i32.const 5)) (i32.store (i32.const ${BLOCK + 36}) (i32.const 1)) ${spin}`,
  );
  t.regex(trapOf(outbox.result) ?? '', /outbox claims 5 entries of 4/);
  const inbox = ran(`(i32.store (i32.const ${BLOCK + 28}) (i32.const 1)) ${spin}`, (m) => m.raise(3, '1ms'));
  t.regex(trapOf(inbox.result) ?? '', /inbox claims 4294967295 entries of 4/);
});

test('a broken block is refused when the machine starts', (t) => {
  for (const shape of [{ magic: 1 }, { words: 9 }, { inbox: 3 }, { outbox: 4096 }]) {
    t.throws(() => run(silent('(func (export "_start"))', shape)), { code: 'bad-mailbox' });
  }
  t.throws(
    () => run('(module (memory 1) (global (export "wirq_mailbox") i32 (i32.const 65536)) (func (export "_start")))'),
    { code: 'bad-mailbox' },
  );
  t.throws(
    () => run('(module (memory 1) (global (export "wirq_mailbox") i32 (i32.const -8)) (func (export "_start")))'),
    { code: 'bad-mailbox' },
  );
});

test('posts that find their bit set or the ring full are overruns, and counted for both sides', (t) => {
  const { result, show, u32 } = ran(spin, (m) => m.raise(3, { kind: 'every', period: duration(1e6) }), {
    timeout: '6500us',
  });
  t.deepEqual(result.mailbox, { posted: 6, overruns: 5 });
  t.deepEqual([u32(BLOCK + 16), u32(BLOCK + 20), u32(BLOCK + 32)], [6, 5, 4]);
  t.deepEqual(show('post').slice(0, 2), ['post irq 3', 'post irq 3 true']);
  const line = result.lines[0]!;
  t.is(line.raised, line.delivered + line.coalesced);
});

test('signals go by mailbox, but SIGKILL', (t) => {
  const { show, result } = ran(`${poll()} ${tell(7, 1)} ${spin}`, (m) => {
    m.signal('SIGTERM', { when: '1ms', value: 5 });
    m.signal('SIGKILL', { when: '2ms' });
  });
  t.deepEqual(show('signal', 'post', 'guest'), [
    'signal SIGTERM generate 5 injection',
    'signal SIGTERM post 5',
    'post signal 15 5',
    'guest 1 0',
    'signal SIGKILL generate injection',
    'signal SIGKILL terminate',
  ]);
  t.is(result.exitCode, 137);
});

test('a mailbox without an inbox ring has no room for signals: they do what they do without one', (t) => {
  const { result, show } = run(silent(`(func (export "_start") ${spin})`, { inbox: 0 }), { timeout: '5ms' }, (m) =>
    m.signal('SIGTERM', { when: '1ms' }),
  );
  t.is(result.exitCode, 143);
  t.deepEqual(show('signal', 'post'), ['signal SIGTERM generate injection', 'signal SIGTERM terminate']);
});

const OPENED = (body: string) => `(module (import "wirq/mailbox" "open" (func $open (param i32 i32) (result i32)))
  (memory (export "memory") 1) (table 1 funcref) ${TELL(8, 64, 2048, 64)} (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.const 33)))
  (func (export "_start") ${body}))`;

test('a mailbox opened by the guest is formatted for it', (t) => {
  const source = OPENED(
    `(i32.store (i32.const 4) (call $open (i32.const 2048) (i32.const 4096))) ${poll(2048)} ${tell(6, 0, 7)} ${spin}`,
  );
  const { result, u32 } = run(source, { timeout: '10ms' }, (m) => m.raise(4, '1ms'));
  t.is(result.exitCode, 7);
  t.deepEqual([u32(4), u32(2048), u32(2048 + 24), u32(2048 + 64)], [0, 0x51524957, 64, 1 << 4]);
});

test('what cannot be opened answers EINVAL', (t) => {
  for (const [address, bytes] of [
    [2052, 4096],
    [2048, 95],
    [65536, 4096],
    [-8, 4096],
    [2048, -1],
  ]) {
    const { u32 } = run(OPENED(`(i32.store (i32.const 4) (call $open (i32.const ${address}) (i32.const ${bytes})))`));
    t.is(u32(4), 28);
  }
});

test('a line with a handler goes to it, one without to the mailbox; options decide otherwise for all or one', (t) => {
  const source = OPENED(`(drop (call $open (i32.const 2048) (i32.const 4096))) ${spin}`);
  const show = (options: MachineOptions) =>
    run(source, { timeout: '5ms', ...options }, (m) => {
      m.raise(3, '1ms');
      m.raise(4, '2ms');
    });
  const kinds = ['enter', 'post'] as const;
  t.deepEqual(show({}).show(...kinds), ['enter IRQ3 0 1', 'post irq 4']);
  t.deepEqual(show({ deliver: 'mailbox' }).show(...kinds), ['post irq 3', 'post irq 4']);
  const handler = show({ deliver: 'handler' });
  t.deepEqual(handler.show(...kinds), ['enter IRQ3 0 1']);
  t.regex(handler.result.warnings.join(), /IRQ4 was raised 1 time and never delivered/);
  t.deepEqual(show({ deliver: 'handler', irqs: { A: { line: 4, deliver: 'mailbox' } } }).show(...kinds), [
    'enter IRQ3 0 1',
    'post irq 4',
  ]);
  t.deepEqual(show({ irqs: { A: { line: 3, deliver: 'mailbox' } } }).show(...kinds), ['post irq 3', 'post irq 4']);
});

test('delivery by mailbox is refused for a module that has none', (t) => {
  t.throws(() => firmware('(module (func (export "_start")))', { deliver: 'mailbox' }), {
    code: 'bad-argument',
    message: /has no mailbox/,
  });
  t.throws(() => firmware('(module (func (export "_start")))', { irqs: { A: { line: 1, deliver: 'mailbox' } } }), {
    code: 'bad-argument',
  });
});

test('the outbox is polled as often as asked for, even while the guest calls nobody', (t) => {
  for (const [mailboxPoll, cycles] of [
    [undefined, 100_000],
    ['10us', 10_000],
    ['1ms', 1_000_000],
  ] as const) {
    const { result } = run(silent(`(func (export "_start") ${tell(6, 0, 3)} ${spin})`), {
      ...NS_PER_CYCLE,
      mailboxPoll,
    });
    t.is(result.exitCode, 3);
    t.true(result.instructions >= cycles && result.instructions < cycles + 200, `${result.instructions}`);
  }
});
