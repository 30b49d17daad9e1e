/**
 * The programs that run natively and on wirq: their names, how each way is run, and the text form of what they did, in
 * which the results from Linux are kept (linux.txt): `== name (exit 0)`, then standard output.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { fixture, root } from '../support/root.ts';

/** Folders of programs; each is one module beside it. */
export const SUITES = ['tests/signals/programs', 'tests/signals/jumping-programs'] as const;

export type Suite = (typeof SUITES)[number];

export interface Program {
  readonly suite: Suite;
  readonly name: string;
  /** The sentence that the program shows: its first comment. */
  readonly sentence: string;
}

/** How many native programs run at a time: most of them sleep. */
const NATIVE_AT_A_TIME = 6;
/** Filling the queue of signals, whose limit may be shared, disturbs others; so these run one after another. */
const RUNS_ALONE = /^queue-limit/;

export const programs: readonly Program[] = SUITES.flatMap((suite) =>
  readdirSync(join(root, suite))
    .filter((file) => file.endsWith('.c'))
    .sort()
    .map((file) => {
      const source = readFileSync(join(root, suite, file), 'utf8');
      const comment = /^(?:\/\/ .*\n)+/.exec(source)?.[0] ?? '';
      return { suite, name: file.slice(0, -2), sentence: comment.replaceAll('// ', '').replaceAll('\n', ' ').trim() };
    }),
);

/** What a program did, as linux.txt has it. */
function inText({ name }: Program, exitCode: number | string, output: string): string {
  return `== ${name} (exit ${exitCode})\n${output}`;
}

/** The results in a text of the form above, by name. */
export function resultsIn(text: string): ReadonlyMap<string, string> {
  const results = text.split(/^(?=== )/m).filter((part) => part !== '');
  return new Map(results.map((result) => [/^== (\S+)/.exec(result)?.[1] ?? '', result]));
}

// On wirq

const modules = new Map(SUITES.map((suite) => [suite, fixture(`${suite}.wasm`)]));
const compiled = new Map<string, WebAssembly.Module>();

/** Runs a program on a machine whose standard input stays open and silent; of another Machine, if one is given. */
export function runOnWirq(program: Program, options: MachineOptions = {}, machineClass = Machine): string {
  const decoder = new TextDecoder();
  let output = '';
  const machine = machineClass.load(modules.get(program.suite)!, {
    timeout: '200s',
    ...options,
    args: [program.name],
    wall: { nowMs: () => performance.now(), limitMs: 60_000 },
    stdin: () => new Uint8Array(0),
    onOutput: (stream, bytes) => {
      if (stream === 'stdout') output += decoder.decode(bytes, { stream: true });
    },
    compile: (bytes) => {
      // The same options rewrite the same module to the same bytes; compiling them once is enough.
      const key = `${program.suite} ${options.granularity}`;
      const module = compiled.get(key) ?? new WebAssembly.Module(bytes);
      compiled.set(key, module);
      return module;
    },
  });
  const { outcome, exitCode } = machine.run();
  return inText(program, outcome.kind === 'timeout' ? 'never' : exitCode, output);
}

// Natively

/** The programs were written on x86-64 Linux, where a division by zero faults; elsewhere only the record is used. */
export function canRunNatively(): boolean {
  return process.platform === 'linux' && process.arch === 'x64' && spawnSync('cc', ['--version']).status === 0;
}

/** Compiles all programs with cc and runs them. @returns what each did, by name. */
export async function runNatively(expected: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'wirq-native-'));
  try {
    for (const suite of SUITES) compileNatively(suite, nativeSuite(folder, suite));
    const results = new Map<string, string>();
    const run = async (program: Program) => {
      results.set(program.name, await runProgram(nativeSuite(folder, program.suite), program));
    };
    const together = programs.filter(({ name }) => !RUNS_ALONE.test(name));
    const lanes = Array.from({ length: NATIVE_AT_A_TIME }, async () => {
      for (let program = together.shift(); program !== undefined; program = together.shift()) await run(program);
    });
    await Promise.all(lanes);
    for (const program of programs.filter(({ name }) => RUNS_ALONE.test(name))) await run(program);
    // On a machine so busy that a process stands still for a tenth of a second, a timer may come too early or late.
    // What is a real difference stays one when the program runs again, alone.
    for (const program of programs) {
      if (results.get(program.name) !== expected.get(program.name)) await run(program);
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nativeSuite(folder: string, suite: Suite): string {
  return join(folder, suite.replaceAll('/', '-'));
}

function compileNatively(suite: Suite, output: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['tools/build/suites.js', suite, output], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0 || stderr !== '') throw new Error(`${suite} does not compile:\n${stderr}`);
}

/** Standard input is a pipe that nobody writes to, as it is on the machine. */
function runProgram(path: string, program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, [program.name], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      output += text;
    });
    child.on('error', reject);
    // The program tells of its end by a signal itself, as a shell does; another signal is ours, after the timeout.
    child.on('close', (code) => resolve(inText(program, code ?? 'never', output)));
  });
}
