/** Serial ports lose nothing and keep the order, whatever the sizes of what comes and of what is read. */
import test from 'ava';
import fc from 'fast-check';
import { latin1, MAX_QUEUED_BYTES, Uart } from '../../src/devices/uart.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import { BenchBoard } from './bench-board.ts';

const LINE = 5 as LineNumber;

function bench(port = 0) {
  const board = new BenchBoard();
  return { board, uart: new Uart(board, port, LINE) };
}

test('what arrives is queued, logged and pends the line; an empty piece is nothing', (t) => {
  const { board, uart } = bench(2);
  uart.receive(Uint8Array.of(104, 0xff));
  uart.receive(new Uint8Array());
  t.deepEqual(board.seen, ['uart-rx 2 h\u00ff', 'pend 5 uart 2']);
  t.is(uart.available, 2);
  board.observed = false;
  uart.receive(Uint8Array.of(1));
  t.deepEqual(board.seen.slice(2), ['pend 5 uart 2'], 'nobody listens, nothing is written');
});

test('what is sent reaches every listener, and is counted', (t) => {
  const { board, uart } = bench();
  const heard: number[] = [];
  uart.onTransmit((bytes) => heard.push(...bytes));
  uart.onTransmit((bytes) => heard.push(-bytes.length));
  uart.transmit(Uint8Array.of(1, 2));
  uart.transmit(new Uint8Array());
  board.observed = false;
  uart.transmit(Uint8Array.of(3));
  t.deepEqual(heard, [1, 2, -2, 3, -1]);
  t.is(uart.sentBytes, 3);
  t.deepEqual(board.seen, ['uart-tx 0 \u0001\u0002']);
});

test('bytes are read in the order in which they came', (t) => {
  const piece = fc.nat(300);
  const step = fc.oneof(fc.record({ receive: piece }), fc.record({ read: piece }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const { uart } = bench();
      let sent = 0;
      let read = 0;
      for (const step of steps) {
        if ('receive' in step) {
          uart.receive(Uint8Array.from({ length: step.receive }, () => sent++ & 0xff));
        } else {
          const into = new Uint8Array(step.read).fill(0xee);
          const count = uart.read(into);
          if (count !== Math.min(step.read, sent - read)) throw new Error(`read ${count} of ${sent - read}`);
          for (let at = 0; at < count; at++)
            if (into[at] !== (read++ & 0xff)) throw new Error(`byte ${read - 1} is another`);
          if (into.slice(count).some((byte) => byte !== 0xee)) throw new Error('wrote beyond what there was');
        }
        if (uart.available !== sent - read) throw new Error(`${uart.available} available, not ${sent - read}`);
      }
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('a queue that nobody reads has an end', (t) => {
  const { uart } = bench(1);
  uart.receive(new Uint8Array(MAX_QUEUED_BYTES));
  t.throws(() => uart.receive(Uint8Array.of(1)), {
    code: 'limit',
    message: /serial port 1 has more than 1048576 unread/,
  });
  t.is(uart.available, MAX_QUEUED_BYTES);
  uart.read(new Uint8Array(1));
  uart.receive(Uint8Array.of(1));
  t.is(uart.available, MAX_QUEUED_BYTES);
});

test('every byte is a character', (t) => {
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  t.deepEqual(
    [...latin1(all)].map((each) => each.charCodeAt(0)),
    [...all],
  );
});
