/** Rejections that arrive as exceptions of the guest's own, calls that end with their task, and exports that hosts call. */
import test from 'ava';
import type { GivenModules, GuestOfHost } from '../../src/guests/interface.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { wat } from '../support/wat.ts';
import { asyncify, module, PARKING, run } from './machines.ts';

const GET = '(import "host" "get" (func $get (param i32) (result i32)))';
const CATCHES = `(func $try (param i32) (result i32)
  (try (result i32) (do (call $get (local.get 0)) (drop) (i32.const -1)) (catch $failed)))`;

class NotFound extends Error {
  readonly status = 404;
}

const rejecting = (rejected: object): GivenModules => ({
  host: {
    get: {
      signature: 'i>i',
      async: { rejected } as never,
      call: async (n: number) => {
        if (n > 5) throw new NotFound('no such page');
        return n;
      },
    },
  },
});
const STATUS = { exception: 'failed', payload: (reason: unknown) => [(reason as NotFound).status] };

const hosted = (imports: string, body: string) => module(body).replace('(module', `(module ${imports}`);
const message = ({ outcome }: { outcome: object }) => ('message' in outcome ? String(outcome.message) : '');

for (const stacks of PARKING) {
  test(`${stacks}: a rejection is an exception that the guest catches, by a tag that it exports`, async (t) => {
    const text = hosted(
      GET,
      `(tag $failed (export "failed") (param i32)) ${CATCHES}
      (func (export "_start") (call $say (call $try (i32.const 6))) (call $say (call $try (i32.const 5))) (call $say (i32.const 1)))`,
    );
    const { said, log, result } = await run(stacks, text, { imports: rejecting(STATUS) });
    t.deepEqual(said, [404, -1, 1]);
    t.is(result.exitCode, 0);
    t.true(
      log.some((line) => /"settle".*"exception":"failed"/.test(line)),
      log.join('\n'),
    );
  });

  test(`${stacks}: … and by a tag that it imports, which the machine makes`, async (t) => {
    const text = hosted(
      `(import "host" "failed" (tag $failed (param i32))) ${GET}`,
      `${CATCHES} (func (export "_start") (call $say (call $try (i32.const 9))))`,
    );
    t.deepEqual((await run(stacks, text, { imports: rejecting(STATUS) })).said, [404]);
  });

  test(`${stacks}: one that nobody catches ends its task`, async (t) => {
    const text = hosted(
      GET,
      `(table funcref (elem $t)) (tag $failed (export "failed"))
      (func $t (param i32) (drop (call $get (local.get 0))) (call $say (i32.const 99)))
      (func (export "_start")
        (call $say (call $task.join (call $task.spawn (i32.const 0) (i32.const 7) (i32.const 128)))))`,
    );
    const { said, result } = await run(stacks, text, { imports: rejecting({ exception: 'failed' }) });
    t.deepEqual(said, [134]);
    t.regex(result.warnings.join(), /task 1 ended by a trap: an exception of the guest was not caught: failed/);
  });

  test(`${stacks}: a payload that the tag does not take ends the run, with the reason`, async (t) => {
    const text = hosted(
      GET,
      `(tag $failed (export "failed") (param i64))
      (func (export "_start") (drop (call $get (i32.const 7))))`,
    );
    const { result } = await run(stacks, text, { imports: rejecting({ exception: 'failed', payload: () => [1] }) });
    t.regex(message(result), /promise of host.get was rejected, and failed cannot be thrown: /);
  });

  test(`${stacks}: a task that is killed while it waits has its call aborted, and nobody waits for it`, async (t) => {
    const aborted: string[] = [];
    const imports: GivenModules = {
      host: {
        get: {
          signature: 'i>i',
          async: { cancellable: true, latency_ns: 1000 },
          call: (_n: number, signal: AbortSignal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                aborted.push('aborted');
                reject(new Error('aborted'));
              });
            }),
        },
      },
    };
    const text = hosted(
      GET,
      `(table funcref (elem $t)) (func $t (drop (call $get (i32.const 0))) (call $say (i32.const 99)))
      (func (export "_start") (local $a i32)
        (local.set $a (call $task.spawn (i32.const 0) (i32.const 0) (i32.const 128)))
        (call $task.sleep (i64.const 500))
        (call $task.kill (local.get $a) (i32.const 3))
        (call $say (call $task.join (local.get $a)))
        (call $task.sleep (i64.const 1000000)))`,
    );
    const { said, result } = await run(stacks, text, { imports });
    t.deepEqual(aborted, ['aborted']);
    t.deepEqual(said, [3]);
    t.is(result.exitCode, 0);
  });

  test(`${stacks}: a host function calls an export of the guest`, async (t) => {
    const imports = (guest: GuestOfHost): GivenModules => ({
      host: {
        get: {
          signature: 'i>i',
          async: {},
          call: async (n: number) => guest.function('twice')!(n),
        },
      },
    });
    const text = hosted(
      GET,
      `(func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (func (export "_start") (call $say (call $get (i32.const 21))))`,
    );
    t.deepEqual((await run(stacks, text, { imports })).said, [42]);
  });
}

test('a guest is not called after the call that would have done it', async (t) => {
  const imports = (guest: GuestOfHost): GivenModules => ({
    host: {
      get: {
        signature: 'i>i',
        async: {},
        call: async (n: number) => {
          await null;
          return guest.function('twice')!(n);
        },
      },
    },
  });
  const text = hosted(
    GET,
    `(func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "_start") (call $say (call $get (i32.const 21))))`,
  );
  const { result } = await run('auto', text, { imports });
  t.regex(message(result), /the guest's twice is called where no call of the guest's waits for it/);
});

test('what cannot be thrown is refused when the module is loaded', (t) => {
  const load = (text: string, rejected: object) => () =>
    Machine.load(wat(text), { stacks: 'asyncify', asyncify, imports: rejecting(rejected) });
  t.throws(load(`(module ${GET})`, STATUS), {
    code: 'bad-argument',
    message: 'host.get is to throw failed, and the module has no such tag',
  });
  t.throws(load(`(module ${GET} (tag (export "failed") (param i32 i64)))`, { exception: 'failed' }), {
    message: 'host.get is to throw failed, whose payload is (i32, i64)',
  });
  t.notThrows(load(`(module ${GET} (tag (export "failed") (param i32 i64)))`, STATUS));
});

test('the guest of a host function has no exports of other names', async (t) => {
  let found: unknown = 'not asked';
  const imports = (guest: GuestOfHost): GivenModules => ({
    host: {
      get: {
        call: () => {
          found = guest.function('nothing');
          return 1;
        },
      },
    },
  });
  const machine = Machine.load(wat(`(module ${GET} (func (export "_start") (drop (call $get (i32.const 0)))))`), {
    imports,
  });
  t.is(machine.run().exitCode, 0);
  t.is(found, undefined);
});

test('a program that Asyncify makes much larger is told of in a warning', (t) => {
  const bytes = wat('(module (func (export "_start")))');
  const grown = (code: Uint8Array<ArrayBuffer>) => {
    const content = new Writer(1 << 20).name('padding').bytes(new Uint8Array(1 << 19));
    return new Writer(1 << 20).bytes(code).u8(0).u32(content.length).bytes(content.view()).view().slice();
  };
  const warnings = (pass: MachineOptions['asyncify']) =>
    Machine.load(bytes, { stacks: 'asyncify', asyncify: pass }).run().warnings;
  t.regex(
    warnings((code) => grown(asyncify(code))).join(),
    /made the code \d+\.\d times as large \(\d+ KiB to 513 KiB\)/,
  );
  t.deepEqual(
    warnings((code) => asyncify(code)),
    [],
  );
});
