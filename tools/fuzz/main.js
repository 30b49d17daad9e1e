// `npm run fuzz`: random modules, rewritten in every way and interrupted at random, against the originals; and mutated modules,
// which instrument() must take exactly when it may. Runs until the time or count is up; exits 1 if anything failed, after printing
// the seed of each failure and the command that repeats it. Failing modules are kept in build/fuzz.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomModule } from '../../tests/rewrite/differential-modules.ts';
import { checkMutation, mutate } from '../../tests/rewrite/differential-mutations.ts';
import { compare, granularities } from '../../tests/rewrite/differential-run.ts';

const help = `Usage: npm run fuzz -- [options]

  --seconds N   how long (default 60; none with --count)
  --count N     how many seeds
  --seed S      the first seed (default 1)
  --mutations N mutated copies of each module (default 20)
  --features F  features to switch on besides, by Binaryen's names, separated by commas: for proposals that this Node
                knows behind a flag, as in
                  npx node --experimental-wasm-wasmfx tools/fuzz/main.js --features gc,stack-switching,exception-handling
  --events      print what each original does
  --help        this text
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    mutations: { type: 'string', default: '20' },
    features: { type: 'string', default: '' },
    events: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

function number(name, fallback) {
  const text = values[name];
  if (text === undefined) return fallback;
  if (/^\d+$/.test(text)) return Number(text);
  process.stderr.write(`--${name} takes a whole number, not '${text}'\n`);
  process.exit(2);
}

const first = number('seed', 1);
const count = number('count', Number.POSITIVE_INFINITY);
const deadline = performance.now() + 1000 * number('seconds', values.count === undefined ? 60 : 1e9);
const mutations = number('mutations', 20);
const proposals = values.features.split(',').filter((name) => name !== '');
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'build', 'fuzz');
const totals = {
  modules: 0,
  invalid: 0,
  interrupts: 0,
  mutations: 0,
  'valid mutations': 0,
  'made valid': 0,
  failures: 0,
};

function fail(seed, name, bytes, sentences) {
  totals.failures++;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.wasm`);
  writeFileSync(path, bytes);
  process.stdout.write(`seed ${seed}:\n${sentences.map((sentence) => `  ${sentence}\n`).join('')}`);
  process.stdout.write(
    `  the module: ${path}\n  repeat with: npm run fuzz -- --seed ${seed} --count 1${values.features && ` --features ${values.features}`}\n`,
  );
}

const ways = granularities();
process.stdout.write(`granularities: ${ways.join(', ')}\n`);
for (let seed = first; seed < first + count && performance.now() < deadline; seed++) {
  const { bytes, features } = await randomModule(seed, proposals);
  const comparison = compare(bytes, seed, { granularities: ways });
  totals.modules++;
  totals.interrupts += comparison.interrupts;
  if (comparison.outcome === 'invalid') totals.invalid++;
  if (values.events) process.stdout.write(`${features.join(' ')}\n${comparison.events.join('\n')}\n`);
  if (comparison.outcome === 'different') fail(seed, `seed-${seed}`, bytes, comparison.differences);
  for (let i = 0; i < mutations; i++) {
    const mutated = mutate(bytes, 1000 * seed + i);
    const { valid, becameValid, fault } = checkMutation(mutated, ways[i % ways.length]);
    totals.mutations++;
    if (valid) totals['valid mutations']++;
    if (becameValid) totals['made valid']++;
    if (fault !== undefined) fail(seed, `seed-${seed}-mutation-${i}`, mutated, [fault]);
  }
}
process.stdout.write(
  `${Object.entries(totals)
    .map(([what, sum]) => `${sum} ${what}`)
    .join(', ')}\n`,
);
process.exitCode = totals.failures > 0 ? 1 : 0;
