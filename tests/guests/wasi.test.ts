/** WASI by its import object alone: a memory, a fake machine, and calls as a guest makes them. */
import { Directory, File, PreopenDirectory, wasi } from '@bjorn3/browser_wasi_shim';
import test from 'ava';
import fc from 'fast-check';
import { createWasi, WASI_MODULE, type WasiOptions } from '../../src/guests/wasi.ts';
import { EPOCH_NS } from '../../src/guests/wasi-clock.ts';
import { WASI_FUNCTIONS, type WasiName, type WasiValue, wasmParameters } from '../../src/guests/wasi-signatures.ts';
import { FakeServices, RunEnded } from '../support/services.ts';

const MEMORY_BYTES = 65536;

function setUp(options: Partial<WasiOptions> = {}, seed = 1) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const services = new FakeServices({ memory, seed });
  const guest = createWasi(services, { args: ['guest'], env: [], preopens: [], ...options });
  return {
    memory,
    services,
    guest,
    wasi: guest.imports[WASI_MODULE],
    view: () => new DataView(memory.buffer),
    put(at: number, text: string): number {
      const bytes = new TextEncoder().encode(text);
      new Uint8Array(memory.buffer).set(bytes, at);
      return bytes.length;
    },
    text: (at: number, length: number) =>
      new TextDecoder().decode(new Uint8Array(memory.buffer).slice(at, at + length)),
    /** One vector at `at`. */
    vector(at: number, pointer: number, length: number): void {
      new DataView(memory.buffer).setUint32(at, pointer, true);
      new DataView(memory.buffer).setUint32(at + 4, length, true);
    },
  };
}

type Board = ReturnType<typeof setUp>;

interface Subscribed {
  readonly clock?: number;
  readonly timeout?: bigint;
  readonly absolute?: boolean;
  readonly fd?: number;
  readonly type?: number;
}

/** Calls poll_oneoff with subscriptions at 1000 and events at 5000, and reads the answer. */
function poll(board: Board, subscriptions: readonly Subscribed[]) {
  for (const [index, one] of subscriptions.entries()) {
    const at = 1000 + 48 * index;
    const view = board.view();
    view.setBigUint64(at, BigInt(100 + index), true);
    view.setUint8(at + 8, one.type ?? wasi.EVENTTYPE_CLOCK);
    view.setUint32(at + 16, one.clock ?? one.fd ?? 0, true);
    view.setBigUint64(at + 24, one.timeout ?? 0n, true);
    view.setUint16(at + 40, one.absolute === true ? 1 : 0, true);
  }
  const errno = board.wasi.poll_oneoff(1000, 5000, subscriptions.length, 900);
  const view = board.view();
  const events = Array.from({ length: view.getUint32(900, true) }, (_, index) => ({
    userdata: Number(view.getBigUint64(5000 + 32 * index, true)),
    errno: view.getUint16(5008 + 32 * index, true),
    type: view.getUint8(5010 + 32 * index),
    bytes: Number(view.getBigUint64(5016 + 32 * index, true)),
    hangup: view.getUint16(5024 + 32 * index, true),
  }));
  return { errno, events };
}

test('all 46 functions of preview 1 are there, and no wasi_unstable', (t) => {
  const { guest } = setUp();
  t.is(Object.keys(guest.imports[WASI_MODULE]).length, 46);
  t.deepEqual(Object.keys(guest.imports), [WASI_MODULE]);
});

test('arguments and environment arrive as bytes, beyond ASCII too', (t) => {
  const { wasi, view, text } = setUp({ args: ['prog', 'grün', '🦊'], env: ['A=1', 'B=é'] });
  t.is(wasi.args_sizes_get(0, 4), 0);
  t.is(view().getUint32(0, true), 3);
  const bytes = view().getUint32(4, true);
  t.is(bytes, 5 + 6 + 5);
  t.is(wasi.args_get(100, 200), 0);
  t.is(text(200, bytes), 'prog\0grün\0🦊\0');
  t.is(view().getUint32(108, true), 211);
  t.is(wasi.environ_sizes_get(0, 4), 0);
  t.deepEqual([view().getUint32(0, true), view().getUint32(4, true)], [2, 9]);
  t.is(wasi.environ_get(100, 200), 0);
  t.is(text(200, 9), 'A=1\0B=é\0');
});

test('a NUL in an argument is refused', (t) => {
  t.throws(() => setUp({ args: ['a\0b'] }), { message: /NUL/ });
});

test('argument blocks that do not fit are a fault', (t) => {
  const { wasi } = setUp({ args: ['a long argument'] });
  t.is(wasi.args_get(0, MEMORY_BYTES - 4), 21);
  t.is(wasi.args_get(MEMORY_BYTES - 2, 0), 21);
  t.is(wasi.args_get(-1, 0), 21);
});

test('clocks are machine time, the calendar begins in the year 2000', (t) => {
  const { wasi, services, view } = setUp();
  services.time = 1_234_567;
  for (const id of [1, 2, 3]) {
    t.is(wasi.clock_time_get(id, 0n, 8), 0);
    t.is(view().getBigUint64(8, true), 1_234_567n);
  }
  t.is(wasi.clock_time_get(0, 0n, 8), 0);
  t.is(new Date(Number(view().getBigUint64(8, true) / 1_000_000n)).toISOString(), '2000-01-01T00:00:00.001Z');
  t.is(view().getBigUint64(8, true) - EPOCH_NS, 1_234_567n);
  t.is(wasi.clock_res_get(1, 8), 0);
  t.is(view().getBigUint64(8, true), 1n);
  t.is(wasi.clock_time_get(4, 0n, 8), 28);
  t.is(wasi.clock_res_get(-1, 8), 28);
  t.is(wasi.clock_time_get(1, 0n, MEMORY_BYTES - 7), 21);
});

test('random bytes come from the seed', (t) => {
  const draw = (seed: number) => {
    const { wasi, memory } = setUp({}, seed);
    t.is(wasi.random_get(10, 64), 0);
    return [...new Uint8Array(memory.buffer, 10, 64)];
  };
  t.deepEqual(draw(7), draw(7));
  t.notDeepEqual(draw(7), draw(8));
});

test('output reaches the machine, one write for one call', (t) => {
  const board = setUp();
  const first = board.put(100, 'hello, ');
  const second = board.put(200, 'world\n');
  board.vector(0, 100, first);
  board.vector(8, 200, second);
  t.is(board.wasi.fd_write(1, 0, 2, 16), 0);
  t.is(board.view().getUint32(16, true), first + second);
  t.is(board.wasi.fd_write(2, 8, 1, 16), 0);
  t.deepEqual(
    board.services.written.map(({ stream, text }) => [stream, text]),
    [
      ['stdout', 'hello, world\n'],
      ['stderr', 'world\n'],
    ],
  );
  t.is(board.wasi.fd_write(9, 0, 2, 16), 8);
});

test('a stream is a character device that cannot seek', (t) => {
  const { wasi, view } = setUp();
  for (const fd of [0, 1, 2]) {
    t.is(wasi.fd_fdstat_get(fd, 0), 0);
    t.is(view().getUint8(0), 2);
    t.is(wasi.fd_seek(fd, 0n, 0, 32), 70);
    t.is(wasi.fd_tell(fd, 32), 70);
    t.is(wasi.fd_prestat_get(fd, 32), 8);
  }
});

test('standard input: bytes at hand, then waiting for more, then the end', (t) => {
  const board = setUp();
  const read = (length: number) => {
    board.vector(0, 100, length);
    const errno = board.wasi.fd_read(0, 0, 1, 16);
    return [errno, board.text(100, board.view().getUint32(16, true)), board.services.time];
  };
  board.services.type('abcdef');
  t.deepEqual(read(4), [0, 'abcd', 0]);
  board.services.plan(500, () => board.services.type('!'));
  board.services.plan(900, () => board.services.endInput());
  t.deepEqual(read(4), [0, 'ef', 0]);
  t.deepEqual(read(4), [0, '!', 500]);
  t.deepEqual(read(4), [0, '', 900]);
  t.deepEqual(read(4), [0, '', 900]);
});

test('a read that waits survives the growth of the memory', (t) => {
  const board = setUp();
  board.services.plan(10, () => {
    board.memory.grow(1);
    board.services.type('late');
  });
  board.vector(0, 100, 10);
  t.is(board.wasi.fd_read(0, 0, 1, 16), 0);
  t.is(board.text(100, 4), 'late');
});

test('a read whose vectors a handler has spoilt meanwhile is a fault, and the input is still there', (t) => {
  const board = setUp();
  board.services.plan(10, () => {
    board.vector(0, MEMORY_BYTES - 2, 10);
    board.services.type('late');
  });
  board.vector(0, 100, 10);
  t.is(board.wasi.fd_read(0, 0, 1, 16), 21);
  board.vector(0, 100, 10);
  t.is(board.wasi.fd_read(0, 0, 1, 16), 0);
  t.is(board.text(100, 4), 'late');
});

test('a read that never can be met ends as the machine says', (t) => {
  const board = setUp();
  board.vector(0, 100, 10);
  t.is(t.throws(() => board.wasi.fd_read(0, 0, 1, 16), { instanceOf: RunEnded })?.message, 'deadlock');
});

test('input that may not block answers AGAIN', (t) => {
  const board = setUp();
  board.vector(0, 100, 10);
  t.is(board.wasi.fd_fdstat_set_flags(0, 4), 0);
  t.is(board.wasi.fd_read(0, 0, 1, 16), 6);
  t.is(board.services.time, 0);
});

test('a sleep takes exactly its time, and interrupts happen in it', (t) => {
  const board = setUp();
  const seen: number[] = [];
  board.services.plan(3000, () => seen.push(board.services.time));
  t.deepEqual(poll(board, [{ clock: 1, timeout: 5000n }]), {
    errno: 0,
    events: [{ userdata: 100, errno: 0, type: 0, bytes: 0, hangup: 0 }],
  });
  t.deepEqual(seen, [3000]);
  t.is(board.services.time, 5000);
});

for (const [name, clock, origin] of [
  ['monotonic', 1, 0n],
  ['calendar', 0, EPOCH_NS],
] as const) {
  test(`an absolute sleep on the ${name} clock ends at that time, or at once if it has passed`, (t) => {
    const board = setUp();
    board.services.time = 1000;
    poll(board, [{ clock, timeout: origin + 4000n, absolute: true }]);
    t.is(board.services.time, 4000);
    t.is(poll(board, [{ clock, timeout: origin + 10n, absolute: true }]).events.length, 1);
    t.is(board.services.time, 4000);
    poll(board, [{ clock, timeout: 500n }]);
    t.is(board.services.time, 4500);
  });
}

test('of several clocks the first ends the wait, and only it', (t) => {
  const board = setUp();
  const { events } = poll(board, [
    { clock: 1, timeout: 900n },
    { clock: 0, timeout: 300n },
    { clock: 1, timeout: 300n },
  ]);
  t.deepEqual(
    events.map((event) => event.userdata),
    [101, 102],
  );
});

test('the longest sleep there is lasts to the end of time', (t) => {
  const board = setUp();
  poll(board, [{ clock: 1, timeout: 2n ** 64n - 1n }]);
  t.is(board.services.time, Number.MAX_SAFE_INTEGER);
});

test('input wakes a poll before its timeout; without input the timeout does', (t) => {
  const board = setUp();
  const subscriptions = [
    { type: 1, fd: 0 },
    { clock: 1, timeout: 1000n },
  ];
  board.services.plan(400, () => board.services.type('x'));
  t.deepEqual(
    poll(board, subscriptions).events.map(({ userdata, bytes }) => [userdata, bytes]),
    [[100, 1]],
  );
  t.is(board.services.time, 400);
  board.vector(0, 100, 1);
  board.wasi.fd_read(0, 0, 1, 16);
  t.deepEqual(
    poll(board, subscriptions).events.map((event) => event.userdata),
    [101],
  );
  t.is(board.services.time, 1400);
  board.services.endInput();
  t.like(poll(board, subscriptions).events[0], { userdata: 100, bytes: 0, hangup: 1 });
});

test('output is always ready, a closed descriptor and a strange clock are reported in the event', (t) => {
  const board = setUp();
  const { events } = poll(board, [
    { type: 2, fd: 1 },
    { type: 1, fd: 77 },
    { clock: 9 },
    { type: 7 },
    { clock: 1, timeout: 50n },
  ]);
  t.deepEqual(
    events.map(({ userdata, errno }) => [userdata, errno]),
    [
      [100, 0],
      [101, 8],
      [102, 28],
      [103, 28],
    ],
  );
});

test('a file is always ready, with the bytes that are left of it', (t) => {
  const board = setUp({ preopens: [inMemory()] });
  board.wasi.path_open(3, 0, 200, board.put(200, 'greeting'), 0, 2n, 0n, 0, 300);
  board.wasi.fd_seek(4, 5n, 0, 304);
  t.like(poll(board, [{ type: 1, fd: 4 }]).events[0], { errno: 0, bytes: 7 });
  board.wasi.fd_seek(4, 50n, 0, 304);
  t.like(poll(board, [{ type: 1, fd: 4 }]).events[0], { errno: 0, bytes: 0 });
});

test('a poll of nothing, of too much, or out of range is refused', (t) => {
  const { wasi } = setUp();
  t.is(wasi.poll_oneoff(0, 0, 0, 0), 28);
  t.is(wasi.poll_oneoff(0, 0, -1, 0), 28);
  t.is(wasi.poll_oneoff(MEMORY_BYTES - 47, 0, 1, 0), 21);
  t.is(wasi.poll_oneoff(0, MEMORY_BYTES - 31, 1, 0), 21);
  t.is(wasi.poll_oneoff(0, 0, 1, MEMORY_BYTES - 3), 21);
});

test('exit and raise are the machine’s, signals in Linux numbers', (t) => {
  const { wasi, services } = setUp();
  t.is(t.throws(() => wasi.proc_exit(-1), { instanceOf: RunEnded })?.exitCode, 0xffff_ffff);
  t.is(t.throws(() => wasi.proc_exit(3), { instanceOf: RunEnded })?.exitCode, 3);
  for (const signal of [0, 2, 15, 16, 30]) t.is(wasi.proc_raise(signal), 0);
  t.deepEqual(services.raised, [2, 15, 17, 31]);
  t.is(wasi.proc_raise(31), 28);
});

test('yielding lets what is due happen, and takes no time', (t) => {
  const { wasi, services } = setUp();
  let happened = false;
  services.plan(0, () => {
    happened = true;
  });
  t.is(wasi.sched_yield(), 0);
  t.true(happened);
  t.is(services.time, 0);
});

const inMemory = () => ({
  guestPath: '/data',
  open: () =>
    new PreopenDirectory(
      '.',
      new Map<string, File | Directory>([
        ['greeting', new File(new TextEncoder().encode('good morning'))],
        ['folder', new Directory(new Map())],
      ]),
    ),
});

test('an in-memory directory serves as a preopen; numbers of closed files are used again', (t) => {
  const board = setUp({ preopens: [inMemory()] });
  t.is(board.wasi.fd_prestat_get(3, 0), 0);
  t.is(board.view().getUint32(4, true), 5);
  t.is(board.wasi.fd_prestat_dir_name(3, 100, 5), 0);
  t.is(board.text(100, 5), '/data');
  const length = board.put(200, 'greeting');
  for (let round = 0; round < 3; round++) {
    t.is(board.wasi.path_open(3, 0, 200, length, 0, 2n, 0n, 0, 300), 0);
    t.is(board.view().getUint32(300, true), 4);
    board.vector(0, 400, 100);
    t.is(board.wasi.fd_read(4, 0, 1, 16), 0);
    t.is(board.text(400, board.view().getUint32(16, true)), 'good morning');
    t.is(board.wasi.fd_close(4), 0);
  }
  t.is(board.wasi.fd_close(4), 8);
});

test('a descriptor renumbered to itself stays open; to another, it replaces it', (t) => {
  const board = setUp({ preopens: [inMemory()] });
  t.is(board.wasi.fd_renumber(3, 3), 0);
  t.is(board.wasi.fd_prestat_get(3, 0), 0);
  t.is(board.wasi.fd_renumber(3, 0), 0);
  t.is(board.wasi.fd_prestat_get(3, 0), 8);
  t.is(board.wasi.fd_prestat_get(0, 0), 0);
  t.is(board.wasi.fd_renumber(3, 0), 8);
});

test('a filestat has its times where WASI says', (t) => {
  const board = setUp({
    preopens: [
      {
        guestPath: '.',
        open: () => {
          const directory = new PreopenDirectory('.', new Map());
          directory.fd_filestat_get = () => {
            const filestat = new wasi.Filestat(9n, 3, 7n);
            Object.assign(filestat, { dev: 1n, nlink: 2n, atim: 10n, mtim: 11n, ctim: 12n });
            return { ret: 0, filestat };
          };
          return directory;
        },
      },
    ],
  });
  new Uint8Array(board.memory.buffer).fill(255, 0, 80);
  t.is(board.wasi.fd_filestat_get(3, 8), 0);
  t.deepEqual([...new BigUint64Array(board.memory.buffer, 8, 8)], [1n, 9n, 3n, 2n, 7n, 10n, 11n, 12n]);
});

test('a path that is not UTF-8, holds a NUL or is too long is refused before the file system sees it', (t) => {
  const board = setUp({ preopens: [inMemory()] });
  new Uint8Array(board.memory.buffer).set([0xff, 0xfe, 0x61, 0x00], 0);
  t.is(board.wasi.path_unlink_file(3, 0, 2), 25);
  t.is(board.wasi.path_unlink_file(3, 2, 2), 28);
  t.is(board.wasi.path_unlink_file(3, 0, 5000), 37);
  t.is(board.wasi.path_unlink_file(3, MEMORY_BYTES - 1, 2), 21);
});

test('what the shim or a directory throws is an input or output error', (t) => {
  const board = setUp({
    preopens: [
      {
        guestPath: '.',
        open: () => {
          const directory = new PreopenDirectory('.', new Map());
          directory.path_create_directory = () => {
            throw new Error('out of ideas');
          };
          return directory;
        },
      },
    ],
  });
  t.is(board.wasi.path_create_directory(3, 0, board.put(0, 'x')), 29);
});

test('closing the guest closes its files', (t) => {
  const board = setUp({ preopens: [inMemory()] });
  board.guest.close();
  t.is(board.wasi.fd_prestat_get(3, 0), 8);
  t.is(board.wasi.fd_write(1, 0, 0, 16), 8);
});

test('no vectors beyond the memory, none too many', (t) => {
  const board = setUp();
  board.vector(0, MEMORY_BYTES - 4, 5);
  t.is(board.wasi.fd_write(1, 0, 1, 16), 21);
  board.vector(0, -1, 1);
  t.is(board.wasi.fd_write(1, 0, 1, 16), 21);
  t.is(board.wasi.fd_write(1, MEMORY_BYTES - 4, 1, 16), 21);
  t.is(board.wasi.fd_write(1, 0, 1025, 16), 28);
  t.is(board.wasi.fd_write(1, 0, -1, 16), 28);
  t.deepEqual(board.services.written, []);
});

test('vectors that describe more than the memory has are a short write', (t) => {
  const board = setUp();
  for (let i = 0; i < 1000; i++) board.vector(i * 8, 0, 30_000);
  t.is(board.wasi.fd_write(1, 0, 1000, 60_000), 0);
  t.is(board.view().getUint32(60_000, true), 60_000);
  t.is(board.services.text('stdout').length, 60_000);
});

const word = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: MEMORY_BYTES - 70, max: MEMORY_BYTES + 2 }),
  fc.constantFrom(0, -1, 8, 64, 512),
);
const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 1n, 2n ** 53n, 2n ** 31n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const anyCall = fc
  .constantFrom(...(Object.keys(WASI_FUNCTIONS) as WasiName[]))
  .chain((name) =>
    fc.tuple(
      fc.constant(name),
      fc.tuple(...wasmParameters(name).map((type): fc.Arbitrary<WasiValue> => (type === 'i32' ? word : long))),
    ),
  );

test('no sequence of calls with any arguments throws but what the machine throws', (t) => {
  fc.assert(
    fc.property(
      fc.array(anyCall, { minLength: 1, maxLength: 12 }),
      fc.uint8Array({ maxLength: 600 }),
      (calls, junk) => {
        const board = setUp({ preopens: [inMemory()], env: ['HOME=/'] });
        new Uint8Array(board.memory.buffer).set(junk);
        board.services.endInput();
        for (const [name, values] of calls) {
          try {
            const errno = board.wasi[name](...values);
            if (!Number.isInteger(errno) || errno < 0 || errno > 76) throw new Error(`${name} answered ${errno}`);
          } catch (error) {
            if (!(error instanceof RunEnded)) throw error;
          }
        }
      },
    ),
    { numRuns: 3000 },
  );
  t.pass();
});
