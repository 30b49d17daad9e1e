// Runs the whole test-suite on another Node than the development one: the oldest that wirq supports, or whichever is
// given in WIRQ_NODE or found first on the path outside node_modules. That Node need not strip types: the tests are
// compiled first. Prints what AVA prints, and exits with its code.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function otherNode() {
  if (process.env.WIRQ_NODE) return process.env.WIRQ_NODE;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (error) throw error;
  return status ?? 1;
}

const node = otherNode();
if (node === undefined) {
  console.error('no other Node was found on the path; set WIRQ_NODE to one');
  process.exit(1);
}
const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
console.log(`tests on Node ${version} (development runs on ${process.version})`);

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const built =
  run(process.execPath, [join(root, 'tools', 'build', 'clean.js'), 'build']) ||
  run(process.execPath, [tsc, '-p', 'tsconfig.node20.json']);
if (built !== 0) process.exit(built);

// The test runner and everything it starts must be that Node: it comes first on the path, before node_modules/.bin.
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
process.exit(run(node, [ava, '--config', 'ava.node20.config.js', ...process.argv.slice(2)], env));
