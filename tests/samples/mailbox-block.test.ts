/** The two sides of a mailbox agree: the host's, and the guest's as sdk/c/wirq.h and sdk/assemblyscript/wirq.ts have it. */
import test from 'ava';
import { Mailbox, type OutboxEntry } from '../../src/interrupts/mailbox.ts';
import { assemblyScript } from '../support/assemblyscript.ts';
import { fixture } from '../support/root.ts';

/** The exports of programs/mailbox-guest.c and of its translation below. */
interface Guest {
  readonly memory: WebAssembly.Memory;
  readonly wirq_mailbox: WebAssembly.Global;
  rung(): number;
  take(): number;
  take_lines(word: number): number;
  next(): number;
  kind(): number;
  number(): number;
  time(): bigint;
  value(): bigint;
  post(kind: number, number: number, value: bigint): number;
}

const IN_ASSEMBLYSCRIPT = `
  import { mailbox } from './sdk/assemblyscript/wirq';
  // magic, version and header size; then three words of pending bits, an inbox and an outbox of four entries each
  export const wirq_mailbox: usize = memory.data<u32>([0x51524957, 0x00400001, 0, 3, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0, 0,
    ${new Array((16 + 8 * 24) / 4).fill(0).join()}], 8);
  export function rung(): bool { return mailbox.rung(wirq_mailbox); }
  export function take(): bool { return mailbox.take(wirq_mailbox); }
  export function take_lines(word: u32): u32 { return mailbox.takeLines(wirq_mailbox, word); }
  export function next(): bool { return mailbox.next(wirq_mailbox); }
  export function kind(): u32 { return mailbox.kind(); }
  export function number(): u32 { return mailbox.number(); }
  export function time(): u64 { return mailbox.time(); }
  export function value(): u64 { return mailbox.value(); }
  export function post(kind: u32, number: u32, value: u64): bool { return mailbox.post(wirq_mailbox, kind, number, value); }
`;

const PROGRAMS: readonly (readonly [string, () => Promise<Uint8Array<ArrayBuffer>>])[] = [
  ['C', async () => fixture('tests/samples/programs/mailbox-guest.wasm')],
  ['AssemblyScript', () => assemblyScript(IN_ASSEMBLYSCRIPT)],
];

const INBOX_HEAD = 28;
const OUTBOX_TAIL = 48;

function start(bytes: Uint8Array<ArrayBuffer>, startIndex = 0): { guest: Guest; host: Mailbox } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const guest = exports as unknown as Guest;
  const view = new DataView(guest.memory.buffer, guest.wirq_mailbox.value);
  for (const head of [INBOX_HEAD, OUTBOX_TAIL - 4]) {
    view.setUint32(head, startIndex, true);
    view.setUint32(head + 4, startIndex, true);
  }
  return { guest, host: Mailbox.adopt(guest.memory, guest.wirq_mailbox.value) };
}

function outboxOf(host: Mailbox): OutboxEntry[] {
  const entries: OutboxEntry[] = [];
  host.take((entry) => entries.push({ ...entry }));
  return entries;
}

for (const [language, compile] of PROGRAMS) {
  const program = await compile();

  test(`${language}: the guest takes the bits and the entries that the host posts`, (t) => {
    const { guest, host } = start(program);
    t.is(guest.take(), 0);
    host.postIrq(1, 1_000);
    host.postIrq(33, 2_000);
    host.postSignal(10, 3_000, 42);
    t.is(guest.rung(), 1);
    t.is(guest.take(), 1);
    t.is(guest.rung(), 0);
    t.deepEqual([0, 1, 2, 3].map(guest.take_lines), [2, 2, 0, 0]);
    t.is(guest.take_lines(0), 0, 'taken bits are cleared');
    const entries: unknown[] = [];
    while (guest.next() !== 0) entries.push([guest.kind(), guest.number(), guest.time(), guest.value()]);
    t.deepEqual(entries, [
      [1, 1, 1_000n, 0n],
      [1, 33, 2_000n, 0n],
      [2, 10, 3_000n, 42n],
    ]);
  });

  test(`${language}: the host takes what the guest posts, until the ring is full and after it was emptied`, (t) => {
    const { guest, host } = start(program);
    t.false(host.hasMail);
    for (let number = 0; number < 4; number++) t.is(guest.post(4, number, 0xffff_ffff_ffff_ffffn), 1);
    t.is(guest.post(4, 4, 0n), 0, 'the ring has four entries');
    t.true(host.hasMail);
    t.deepEqual(
      outboxOf(host).map(({ kind, number }) => [kind, number]),
      [0, 1, 2, 3].map((number) => [4, number]),
    );
    t.false(host.hasMail);
    t.is(guest.post(6, 0, 7n), 1);
    t.deepEqual(outboxOf(host), [{ kind: 6, number: 0, value: 7n }]);
  });

  test(`${language}: heads and tails run on past 2^32`, (t) => {
    const { guest, host } = start(program, 0xffff_fffe);
    for (let round = 0; round < 5; round++) {
      host.postIrq(round, round);
      t.is(guest.next(), 1);
      t.is(guest.number(), round);
      t.is(guest.next(), 0);
      t.is(guest.post(2, round, 0n), 1);
      t.deepEqual(
        outboxOf(host).map(({ number }) => number),
        [round],
      );
    }
    t.is(host.account.overruns, 0);
  });
}

test('the sample firmware formats a block that the host takes over', (t) => {
  const { host } = start(fixture('firmware-samples/mailbox/mailbox.wasm'));
  for (let line = 0; line < 16; line++) t.true(host.postIrq(line, 1000), `line ${line} fits`);
  t.false(host.postIrq(16, 1000), 'the inbox has 16 entries');
  t.deepEqual(host.account, { posted: 17, overruns: 1 });
});
