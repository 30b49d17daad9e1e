/** Serial ports lose nothing and keep the order, whatever the sizes of what comes and of what is read. */
import test from 'ava';
import fc from 'fast-check';
import { latin1, MAX_QUEUED_BYTES, UART_STATUS, Uart } from '../../src/devices/uart.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import { BenchBoard } from './bench-board.ts';

const LINE = 5 as LineNumber;

function bench(port = 0) {
  const board = new BenchBoard();
  return { board, uart: new Uart(board, port, { line: LINE }) };
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

// With a baud rate

const BAUD = 9600; // a byte takes 1,041,666.67 ns

function slow(fifo?: number) {
  const board = new BenchBoard();
  const uart = new Uart(board, 0, { line: LINE, baud: BAUD, fifo, sentLine: 9 as LineNumber });
  const sent: [number, number][] = [];
  uart.onTransmit((bytes) => sent.push([board.now(), bytes[0]!]));
  return { board, uart, sent };
}

test('bytes take their time on the wire, both ways, without drift', (t) => {
  const { board, uart, sent } = slow();
  t.is(uart.transmit(Uint8Array.of(1, 2, 3)), 3);
  uart.receive(Uint8Array.of(7, 8, 9));
  t.is(uart.available, 0);
  t.is(uart.takeStatus(), 0, 'neither received nor idle');
  board.advance(1_041_665);
  t.deepEqual([sent.length, uart.available], [0, 0]);
  board.advance(1_041_666);
  t.deepEqual([sent.length, uart.available], [1, 1]);
  board.advance(10_000_000);
  t.deepEqual(sent, [
    [1_041_666, 1],
    [2_083_333, 2],
    [3_125_000, 3],
  ]);
  t.is(uart.available, 3);
  t.is(uart.takeStatus(), UART_STATUS.received | UART_STATUS.idle);
  t.deepEqual(
    board.seen.filter((each) => each.startsWith('pend')),
    ['pend 5 uart 0', 'pend 5 uart 0', 'pend 9 uart 0 sent', 'pend 5 uart 0'],
  );
});

test('a full transmit FIFO takes no more, and says so', (t) => {
  const { board, uart, sent } = slow(4);
  t.is(uart.transmit(Uint8Array.of(1, 2, 3, 4, 5, 6)), 4);
  t.is(uart.takeStatus() & UART_STATUS.full, UART_STATUS.full);
  t.is(uart.transmit(Uint8Array.of(5)), 0);
  board.advance(1_100_000);
  t.is(uart.takeStatus() & UART_STATUS.full, 0);
  t.is(uart.transmit(Uint8Array.of(5, 6)), 1);
  board.advance(100_000_000);
  t.deepEqual(
    sent.map(([, byte]) => byte),
    [1, 2, 3, 4, 5],
  );
});

test('what finds the receive FIFO full is an overrun: lost, counted, and told once', (t) => {
  const { board, uart } = slow(2);
  uart.receive(Uint8Array.of(1, 2, 3, 4));
  board.advance(10_000_000);
  t.is(uart.takeStatus() & UART_STATUS.overrun, UART_STATUS.overrun);
  t.is(uart.takeStatus() & UART_STATUS.overrun, 0);
  t.true(board.seen.includes('device uart 0 overrun 3'));
  const into = new Uint8Array(4);
  t.is(uart.read(into), 2);
  t.deepEqual([...into], [1, 2, 0, 0]);
  t.like(uart.account(), { arrived: 4, overruns: 2 });
});

test('a damaged byte arrives with a framing error', (t) => {
  const { board, uart } = slow();
  uart.receive(Uint8Array.of(1));
  uart.receive(Uint8Array.of(2), true);
  board.advance(1_100_000);
  t.is(uart.takeStatus() & UART_STATUS.framingError, 0);
  board.advance(2_100_000);
  t.is(uart.takeStatus() & UART_STATUS.framingError, UART_STATUS.framingError);
  t.is(uart.takeStatus() & UART_STATUS.framingError, 0);
  t.like(uart.account(), { arrived: 2, framingErrors: 1 });
});

test('a port without a baud rate but with a FIFO loses what does not fit into it', (t) => {
  const uart = new Uart(new BenchBoard(), 0, { line: LINE, fifo: 8 });
  uart.receive(new Uint8Array(20));
  t.is(uart.available, 8);
  t.like(uart.account(), { arrived: 20, overruns: 12 });
});

test('a reset empties the FIFOs, counted; what is on the wire still arrives', (t) => {
  const { board, uart, sent } = slow();
  uart.receive(Uint8Array.of(1, 2));
  uart.transmit(Uint8Array.of(3, 4));
  board.advance(1_100_000);
  uart.reset();
  board.advance(10_000_000);
  t.is(uart.available, 1);
  t.is(sent.length, 1);
  t.like(uart.account(), { arrived: 2, flushed: 2 });
});

test('whatever comes, is read or is reset: every byte that arrived is read, waiting, or counted as lost', (t) => {
  const step = fc.oneof(
    fc.record({ receive: fc.nat(40), damaged: fc.boolean() }),
    fc.record({ read: fc.nat(20) }),
    fc.record({ wait: fc.nat(20_000_000) }),
    fc.record({ reset: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (steps, fifo) => {
      const { board, uart } = slow(fifo);
      let [given, read] = [0, 0];
      let last = -1;
      for (const each of steps) {
        if ('receive' in each) {
          uart.receive(
            Uint8Array.from({ length: each.receive }, () => given++ & 0xff),
            each.damaged,
          );
        } else if ('read' in each) {
          const into = new Uint8Array(each.read);
          const count = uart.read(into);
          for (const byte of into.subarray(0, count)) {
            // Bytes are numbered modulo 256 and fewer than that are ever lost in between.
            if (given < 256 && byte <= last) throw new Error('out of order');
            last = byte;
          }
          read += count;
        } else if ('wait' in each) board.advance(board.now() + each.wait);
        else uart.reset();
      }
      board.advance(board.now() + 100_000_000_000);
      const { arrived = 0, overruns = 0, flushed = 0 } = uart.account();
      if (arrived !== given) throw new Error(`${arrived} of ${given} arrived`);
      if (arrived !== read + uart.available + overruns + flushed) throw new Error('a byte is unaccounted for');
      if (uart.available > fifo) throw new Error('the FIFO holds more than it can');
    }),
    { numRuns: 200 },
  );
  t.pass();
});
