// Compiles a program in Rust, where the very compiler is there that the committed modules are made by: no build of it comes
// from npm, and another version gives other bytes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Debian 12's packages rustc and libstd-rust-dev-wasm32. */
export const RUST = { version: '1.63.0', target: 'wasm32-wasi', commands: ['rustc', '/usr/bin/rustc'] };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The compiler, or its standard library for the target, is not on this machine. */
export class RustMissing extends Error {}

/** @throws RustMissing; Error with the compiler's messages. */
export async function compileRust(source) {
  const command = RUST.commands.find(canCompile);
  if (command === undefined)
    throw new RustMissing(`it takes rustc ${RUST.version} with its library for ${RUST.target}`);
  const folder = mkdtempSync(join(tmpdir(), 'wirq-rust-'));
  try {
    const output = join(folder, 'program.wasm');
    execFileSync(command, [source.path, ...source.flags, '-o', output], { cwd: root, stdio: 'pipe' });
    return readFileSync(output);
  } catch (error) {
    throw new Error(`${error.stderr ?? ''}`.trim() || error.message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function canCompile(command) {
  try {
    const options = { encoding: 'utf8', stdio: 'pipe' };
    if (execFileSync(command, ['--version'], options).split(/\s/)[1] !== RUST.version) return false;
    const library = execFileSync(command, ['--print', 'target-libdir', '--target', RUST.target], options).trim();
    return readFileSync(join(library, 'self-contained', 'crt1-command.o')).length > 0;
  } catch {
    return false;
  }
}
