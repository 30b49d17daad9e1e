/** What the SDKs declare and the samples import is what the machine offers, by module, name and type. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { BOARD_MODULE, createBoardModule } from '../../src/guests/board.ts';
import type { HostModule } from '../../src/guests/interface.ts';
import { createIrqModule, IRQ_MODULE } from '../../src/guests/irq.ts';
import { createMailboxModule, MAILBOX_MODULE } from '../../src/guests/mailbox.ts';
import { createSignalModule, SIGNAL_MODULE } from '../../src/guests/signal.ts';
import { createSignalTimers } from '../../src/guests/signal-timers.ts';
import { createStackModule, STACK_MODULE } from '../../src/guests/stack.ts';
import { createTaskModule, TASK_MODULE } from '../../src/guests/task.ts';
import { fixture, root } from '../support/root.ts';

/** Nothing is called here, so no machine is needed behind the functions. */
const nothing: never = new Proxy(() => {}, { get: () => nothing, apply: () => nothing }) as never;

const OFFERED: Readonly<Record<string, HostModule>> = {
  [IRQ_MODULE]: createIrqModule(nothing),
  [BOARD_MODULE]: createBoardModule(nothing),
  [MAILBOX_MODULE]: createMailboxModule(nothing),
};
const TASKS = { [TASK_MODULE]: createTaskModule(nothing), [STACK_MODULE]: createStackModule(nothing) };
const SIGNALS = { ...createSignalModule(nothing), ...createSignalTimers(nothing) };

function offered(modules: Readonly<Record<string, HostModule>> = OFFERED): string[] {
  return Object.entries(modules)
    .flatMap(([module, functions]) =>
      Object.entries(functions).map(([name, { signature }]) => `${module}.${name} ${signature}`),
    )
    .sort();
}

/** `ii>i` of a declaration's parameter types and result type. */
function signature(parameters: readonly string[], result: string): string {
  const letter = (type: string) => (/64/.test(type) ? 'I' : 'i');
  return `${parameters.map(letter).join('')}>${result === 'void' ? '' : letter(result)}`;
}

function text(path: string): string {
  return new TextDecoder().decode(fixture(path));
}

function declaredInC(path = 'sdk/c/wirq.h'): string[] {
  const pattern = /^WIRQ_IMPORT\("([^"]+)", "([^"]+)"\)\s+(\w+) \w+\(([^)]*)\);/gm;
  return [...text(path).matchAll(pattern)]
    .map(([, module, name, result, list]) => {
      const parameters = list === 'void' ? [] : list!.split(',');
      return `${module}.${name} ${signature(parameters, result!)}`;
    })
    .sort();
}

/** The headers that go in front of wasi-libc's. */
const POSIX_HEADERS = ['signal.h', 'time.h', 'unistd.h', 'poll.h', 'sys/time.h'];

function signalsDeclaredInC(): string[] {
  const pattern =
    /^(?:__WIRQ_[A-Z]+\((\w+)\)|__attribute__\(\(import_module\("wirq\/signal"\), import_name\("(\w+)"\)\)\)) int \w+\(([^)]*)\);/gm;
  return POSIX_HEADERS.flatMap((header) => [...text(`sdk/c/${header}`).matchAll(pattern)])
    .map(([, byMacro, name = byMacro, list]) => {
      const parameters = list === 'void' ? [] : list!.split(',');
      const letters = parameters.map((type) => (type.includes('long long') ? 'I' : 'i'));
      return `${SIGNAL_MODULE}.${name} ${letters.join('')}>i`;
    })
    .sort();
}

function declaredInAssemblyScript(path = 'sdk/assemblyscript/wirq.ts'): string[] {
  const pattern = /@external\("([^"]+)", "([^"]+)"\)\s+(?:export )?declare function \w+\(([^)]*)\): (\w+);/g;
  return [...text(path).matchAll(pattern)]
    .map(([, module, name, list, result]) => {
      const parameters = list === '' ? [] : list!.split(',');
      return `${module}.${name} ${signature(parameters, result!)}`;
    })
    .sort();
}

test('sdk/c/wirq.h declares exactly what the machine offers', (t) => {
  t.deepEqual(declaredInC(), offered());
});

test('sdk/c/wirq-task.h and sdk/assemblyscript/task.ts declare exactly what the machine offers', (t) => {
  t.deepEqual(declaredInC('sdk/c/wirq-task.h'), offered(TASKS));
  t.deepEqual(declaredInAssemblyScript('sdk/assemblyscript/task.ts'), offered(TASKS));
});

test('sdk/assemblyscript/wirq.ts declares exactly what the machine offers', (t) => {
  t.deepEqual(declaredInAssemblyScript(), offered());
});

test('the POSIX headers, and signal.ts, declare exactly what the machine offers', (t) => {
  t.deepEqual(signalsDeclaredInC(), offered({ [SIGNAL_MODULE]: SIGNALS }));
  t.deepEqual(declaredInAssemblyScript('sdk/assemblyscript/signal.ts'), offered({ [SIGNAL_MODULE]: SIGNALS }));
});

function samples(): string[] {
  return readdirSync(join(root, 'firmware-samples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.wasm'))
    .map((path) => `firmware-samples/${path}`)
    .sort();
}

function importsOf(path: string): string[] {
  return WebAssembly.Module.imports(new WebAssembly.Module(fixture(path))).map(
    ({ module, name }) => `${module}.${name}`,
  );
}

test('each sample is built, and imports only WASI, AssemblyScript and what the machine offers', (t) => {
  t.true(samples().length >= 4, samples().join());
  for (const path of samples()) {
    for (const name of importsOf(path)) {
      const module = name.slice(0, name.lastIndexOf('.'));
      if (module === 'wasi_snapshot_preview1' || name === 'env.abort') continue;
      if (path.endsWith('fetch-sync.wasm') && name === 'http.get') continue; // from the functions.js beside it
      t.true(
        { ...OFFERED, ...TASKS, [SIGNAL_MODULE]: SIGNALS }[module]?.[name.slice(module.length + 1)] !== undefined,
        `${path} imports ${name}`,
      );
    }
  }
});

test('the mailbox sample imports nothing, and primes nothing of wirq', (t) => {
  t.deepEqual(importsOf('firmware-samples/mailbox/mailbox.wasm'), []);
  const ofPrimes = importsOf('firmware-samples/primes/primes.wasm');
  t.true(ofPrimes.length > 0);
  t.true(ofPrimes.every((name) => name.startsWith('wasi_snapshot_preview1.')));
});
