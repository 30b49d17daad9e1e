/**
 * The command line as its users meet it: a command with arguments in a folder, and what came of it.
 * `wirq` starts the built package (bin/wirq.js, `npm run build` first). `runMain` is for the many small cases: one
 * process calls `main` again and again, its output going to files, as after `wirq … >out 2>err </dev/null`.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order } from './cli-runner.ts';
import { root } from './root.ts';

export interface Ran {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ProcessOptions extends RunOptions {
  /** Standard input: a text by a pipe, or an open file. Default: none. */
  readonly input?: string | Uint8Array | { readonly descriptor: number };
  /** Gives it an input that never ends. */
  readonly keepOpen?: boolean;
  /** Closes our end of its standard output when so many bytes have come. */
  readonly closeAfter?: number;
  readonly node?: string;
  /** Another wirq.js than that of this repository. */
  readonly launcher?: string;
}

/** More than two at a time would only wait for each other on a small machine. */
const AT_ONCE = 2;
const PATIENCE_MS = 100_000;

/** What a test's own surroundings must not decide. */
const NEUTRAL = { NO_COLOR: undefined, FORCE_COLOR: undefined, NODE_OPTIONS: undefined, WIRQ_CACHE: 'off' } as const;

const folders: string[] = [];

/** A new folder with these files, gone when the tests are over. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirq-test-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

let running = 0;
const queue: (() => void)[] = [];

/** Runs bin/wirq.js in a process of its own. */
export async function wirq(args: readonly string[], options: ProcessOptions = {}): Promise<Ran> {
  if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('the package is not built: npm run build');
  if (running >= AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    return await start(args, options);
  } finally {
    running--;
    queue.shift()?.();
  }
}

function start(args: readonly string[], options: ProcessOptions): Promise<Ran> {
  const { input, node = process.execPath, cwd = root } = options;
  const none = input === undefined && options.keepOpen !== true;
  const stdin = none ? 'ignore' : isDescriptor(input) ? input.descriptor : 'pipe';
  // Coverage of cached code would be imprecise.
  const cache = process.env.NODE_V8_COVERAGE === undefined ? {} : { NODE_DISABLE_COMPILE_CACHE: '1' };
  const child = spawn(node, [options.launcher ?? join(root, 'bin/wirq.js'), ...args], {
    cwd,
    env: { ...process.env, ...NEUTRAL, ...cache, ...options.env },
    stdio: [stdin, 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let length = 0;
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    length += chunk.length;
    if (length >= (options.closeAfter ?? Number.POSITIVE_INFINITY)) child.stdout!.destroy();
  });
  child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
  if (options.closeAfter === 0) child.stdout!.destroy();
  if (input !== undefined && !isDescriptor(input)) {
    child.stdin!.on('error', () => {}); // it need not read its input
    child.stdin!.end(input);
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

function isDescriptor(input: ProcessOptions['input']): input is { readonly descriptor: number } {
  return typeof input === 'object' && 'descriptor' in input;
}

/** The process that runs `main`, with the files that its output goes to. */
interface Runner {
  readonly child: ChildProcess;
  readonly outputs: readonly [stdout: number, stderr: number];
}

let runner: Runner | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** Calls `main` of the command line in another process, one call after the other. */
export function runMain(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const next = turn.then(() => order({ args, cwd: options.cwd ?? root, env: { ...NEUTRAL, ...options.env } }));
  turn = next.catch(() => {});
  return next;
}

function order(what: Order): Promise<Ran> {
  runner ??= startRunner();
  const { child, outputs } = runner;
  const before = outputs.map((descriptor) => fstatSync(descriptor).size);
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => {
      runner = undefined;
      reject(new Error(`main ended its process with ${code}: wirq ${what.args.join(' ')}\n${read(outputs[1], 0)}`));
    };
    child.once('exit', died);
    child.once('message', ({ code }: { code: number }) => {
      child.off('exit', died);
      const [stdout, stderr] = outputs.map((descriptor, at) => read(descriptor, before[at]!));
      resolve({ code, stdout: stdout!, stderr: stderr! });
    });
    child.send(what);
  });
}

function startRunner(): Runner {
  const folder = folderWith({});
  const outputs = [openSync(join(folder, 'stdout'), 'w+'), openSync(join(folder, 'stderr'), 'w+')] as const;
  const file = import.meta.url.endsWith('.ts') ? './cli-runner.ts' : './cli-runner.js';
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', ...outputs, 'ipc'],
  });
  return { child, outputs };
}

function read(descriptor: number, from: number): string {
  const bytes = Buffer.alloc(fstatSync(descriptor).size - from);
  readSync(descriptor, bytes, 0, bytes.length, from);
  return bytes.toString();
}

/** For `test.after.always` in every file that uses this: stops the process of `runMain`, and removes the folders. */
export async function cleanUp(): Promise<void> {
  if (runner !== undefined) {
    const { child } = runner;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await gone;
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
