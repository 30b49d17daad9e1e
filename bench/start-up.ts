/**
 * What it takes until `wirq` runs a program that does nothing, beside `node -e 0`, which is the floor.
 * Processes are started in interleaved pairs, on this Node and on the system's if that is another one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { interleave, median, ratios } from './statistics.ts';
import { markdownTable, ratioCell } from './table.ts';

export interface StartUpResult {
  readonly node: string;
  readonly bareMs: number;
  readonly wirqMs: number;
  /** Median over pairs of wirq's time to node's. */
  readonly ratio: number;
}

/** (module (func (export "_start"))) */
const emptyProgram = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x0a, 0x01, 0x06, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b],
]);

export function measureStartUp(root: string, pairs: number): StartUpResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirq-bench-'));
  try {
    const program = join(folder, 'empty.wasm');
    writeFileSync(program, emptyProgram);
    const wirq = [join(root, 'bin', 'wirq.js'), program];
    return nodes().map(({ path, version }) => {
      const start = (args: readonly string[]) => () => {
        const begin = performance.now();
        execFileSync(path, args, { stdio: ['ignore', 'ignore', 'pipe'], env: cleanEnvironment() });
        return performance.now() - begin;
      };
      const subjects = [start(['-e', '0']), start(wirq)];
      interleave(subjects, 2); // fills the file caches
      const [bare, ours] = interleave(subjects, pairs);
      return { node: version, bareMs: median(bare!), wirqMs: median(ours!), ratio: median(ratios(ours!, bare!)) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** This Node and the first one on the path that npm did not put there, if its version differs. */
function nodes(): { path: string; version: string }[] {
  const found = [{ path: process.execPath, version: process.versions.node }];
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder.includes('node_modules') || !existsSync(path)) continue;
    const version = execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
    if (version !== process.versions.node) found.push({ path, version });
    break;
  }
  return found;
}

/** Without what a parent Node hands down: options and coverage would be measured too. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...rest } = process.env;
  return rest;
}

export function startUpTable(results: readonly StartUpResult[]): string {
  return markdownTable(
    [
      { title: 'Node', align: 'left' },
      { title: 'node -e 0, ms', align: 'right' },
      { title: 'wirq, ms', align: 'right' },
      { title: 'ratio', align: 'right' },
    ],
    results.map(({ node, bareMs, wirqMs, ratio }) => [node, bareMs.toFixed(1), wirqMs.toFixed(1), ratioCell(ratio)]),
  );
}
