// How fast instrument() reads and writes large real modules, and how much memory that takes: one fresh process a figure, because
// the first call runs in an interpreter and a process's peak never falls. Usage: node tools/fuzz/speed.js [granularity…]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules');
const files = [
  'esbuild-wasm/esbuild.wasm',
  'lightningcss-wasm/lightningcss_node.wasm',
  '@yowasp/clang/gen/llvm.core.wasm',
];
const rounds = 6;

async function measure(path, granularity) {
  const { instrument } = await import('../../src/rewrite/instrument.ts');
  const bytes = new Uint8Array(readFileSync(path));
  globalThis.gc();
  const before = process.memoryUsage().rss;
  const megabytesPerSecond = [];
  let peak = 0;
  let size = 0;
  for (let i = 0; i < rounds; i++) {
    const start = process.cpuUsage();
    size = instrument(bytes, { granularity }).bytes.length;
    const { user, system } = process.cpuUsage(start);
    megabytesPerSecond.push(bytes.length / (user + system));
    if (i === 0) peak = process.resourceUsage().maxRSS * 1024 - before;
  }
  return {
    megabytes: (bytes.length / 1e6).toFixed(1),
    first: megabytesPerSecond[0].toFixed(0),
    best: Math.max(...megabytesPerSecond).toFixed(0),
    peak: (peak / bytes.length).toFixed(1),
    size: (size / bytes.length).toFixed(2),
  };
}

if (process.argv[2] === '--one') {
  const [, , , path, granularity] = process.argv;
  process.stdout.write(JSON.stringify(await measure(path, granularity)));
} else {
  const granularities = process.argv.length > 2 ? process.argv.slice(2) : ['loop'];
  process.stdout.write(
    '| module | MB | granularity | first call, MB/s | best of six, MB/s | peak memory / module | size |\n',
  );
  process.stdout.write('|---|---|---|---|---|---|---|\n');
  for (const file of files) {
    for (const granularity of granularities) {
      const args = [
        '--expose-gc',
        '--no-warnings',
        fileURLToPath(import.meta.url),
        '--one',
        join(modules, file),
        granularity,
      ];
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const { megabytes, first, best, peak, size } = JSON.parse(stdout);
      process.stdout.write(`| ${file} | ${megabytes} | ${granularity} | ${first} | ${best} | ${peak} | ${size} |\n`);
    }
  }
}
