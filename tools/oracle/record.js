// `npm run oracle`: builds every scenario of tests/oracle/programs for the emulators it names, runs it there, and writes
// what it logged to tests/oracle/expected; writes the table of docs/controller.md, too. Needs QEMU and an ARM compiler,
// which nothing else in this repository does: the tests compare wirq with the committed logs.
// What it leaves out: the logs that follow from the manual where an emulator differs; those are written by hand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { END } from '../../tests/oracle/ends.ts';
import { committedLog, EMULATORS, logPath, PROGRAMS, scenarios, strayLogs } from '../../tests/oracle/scenarios.ts';
import { TABLE_END, TABLE_START, table } from '../../tests/oracle/table.ts';

const HELP = `Usage: npm run oracle -- [--check | --table] [--only <text>]

  --check        write nothing; name each log that differs from what its emulator gives, and exit with 1
  --table        only write the table of docs/controller.md: needs no emulator
  --only <text>  only scenarios whose name contains this text`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wirq-oracle-'));

/** Longer than any scenario takes: one that is still running waits for ever. */
const PATIENCE_MS = 4000;

const COMPILER = 'arm-none-eabi-gcc';
const FLAGS = [
  ...['-mthumb', '-O2', '-ffreestanding', '-nostdlib', '-Wall', '-Wextra', '-Werror'],
  ...[`-I${PROGRAMS}`, `-I${tools}`, `-T${join(tools, 'cortex-m.ld')}`],
];

/** What each emulator is, and how an image runs on it: the log, and how it ended. */
const MACHINES = {
  'cortex-m3': { cpu: 'cortex-m3', run: (elf) => runOnQemu('mps2-an385', elf) },
  'cortex-m0': { cpu: 'cortex-m0', run: (elf) => runOnQemu('microbit', elf) },
  rp2040: {
    cpu: 'cortex-m0plus',
    run: (elf) => {
      const image = `${elf}.bin`;
      succeed('arm-none-eabi-objcopy', ['-O', 'binary', '-j', '.text', elf, image]);
      const { status, stdout, stderr } = run(process.execPath, [join(tools, 'rp2040.js'), image]);
      const EXIT_WAITS_FOR_EVER = 3;
      return { log: stdout, end: status === EXIT_WAITS_FOR_EVER ? END.waits : ended(status, stderr) };
    },
  },
};

function runOnQemu(board, elf) {
  const args = ['-M', board, '-display', 'none', '-monitor', 'none', '-serial', 'none', '-kernel', elf];
  // Instructions, not real time, move its clock.
  const clock = ['-icount', 'shift=0', '-semihosting-config', 'enable=on,target=native'];
  const { status, stdout, stderr, signal } = run('qemu-system-arm', [...args, ...clock]);
  const log = stdout + stderr;
  const lockup = log.indexOf('qemu: fatal: Lockup');
  if (lockup !== -1) return { log: log.slice(0, lockup), end: END.lockup };
  return { log, end: signal !== null ? END.waits : ended(status, log) };
}

function ended(status, text) {
  if (status !== 0) throw new Error(`the emulator failed:\n${text}`);
  return END.exit;
}

function run(command, args) {
  return spawnSync(command, args, { encoding: 'utf8', timeout: PATIENCE_MS, stdio: ['ignore', 'pipe', 'pipe'] });
}

function succeed(command, args) {
  const { status, stderr } = run(command, args);
  if (status !== 0) throw new Error(stderr.trim());
}

/** Says what is missing and where it comes from. */
function missingTools() {
  const missing = [];
  const found = (command) => spawnSync(command, ['--version']).status === 0;
  if (!found('qemu-system-arm')) missing.push('qemu-system-arm (Debian: apt-get install qemu-system-arm)');
  if (!found(COMPILER)) missing.push(`${COMPILER} (Debian: apt-get install gcc-arm-none-eabi)`);
  if (!existsSync(join(root, 'node_modules', 'rp2040js'))) missing.push('rp2040js (npm ci)');
  return missing;
}

function record(name, emulator) {
  const { cpu, run: emulate } = MACHINES[emulator];
  const elf = join(folder, `${name}.${emulator}.elf`);
  const sources = [join(tools, 'startup.c'), join(PROGRAMS, `${name}.c`)];
  succeed(COMPILER, [...FLAGS, `-mcpu=${cpu}`, ...sources, '-lgcc', '-o', elf]);
  const { log, end } = emulate(elf);
  return `${log}${end}\n`;
}

/** @returns what is wrong, if anything. */
function settle(name, emulator, check) {
  let log;
  try {
    log = record(name, emulator);
  } catch (error) {
    return `was not recorded: ${error.message}`;
  }
  const before = committedLog(name, emulator);
  if (before === log) return undefined;
  if (check) return before === undefined ? 'has no log' : 'differs from its log';
  writeFileSync(logPath(name, emulator), log);
  console.log(`${name} on ${emulator}: ${before === undefined ? 'recorded' : 'CHANGED'}`);
  return undefined;
}

function writeTable() {
  const path = join(root, 'docs', 'controller.md');
  const text = readFileSync(path, 'utf8');
  const start = text.indexOf(TABLE_START) + TABLE_START.length;
  writeFileSync(path, `${text.slice(0, start)}\n${table(scenarios())}\n${text.slice(text.indexOf(TABLE_END))}`);
}

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
if (!options.check) writeTable();
if (options.table) process.exit(0);
const missing = missingTools();
if (missing.length > 0) {
  console.error(`the emulators' logs cannot be recorded here; missing:\n  ${missing.join('\n  ')}`);
  process.exit(2);
}
let count = 0;
const problems = [];
for (const { name, on } of scenarios().filter((each) => each.name.includes(options.only))) {
  for (const emulator of on) {
    count++;
    const problem = settle(name, emulator, options.check);
    if (problem !== undefined) problems.push(`${name} on ${emulator} ${problem}`);
  }
}
for (const stray of strayLogs()) problems.push(`${stray} belongs to no scenario`);
rmSync(folder, { recursive: true });
for (const problem of problems) console.error(problem);
console.log(`${count} logs of ${Object.keys(EMULATORS).join(', ')}: ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
