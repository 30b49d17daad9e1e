/** Runs a few lines of program in a process whose standard streams the test holds the other ends of. */
import { spawnSync } from 'node:child_process';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const source = (name: string) => new URL(`../../src/host/${name}.${extension}`, import.meta.url).href;

/** A program of a few lines that has `output`, `counts()` and `text()` at hand. */
export function program(body: string, stdoutTo: 1 | 2 = 1): string[] {
  const text = `
    import { GuestOutput } from ${JSON.stringify(source('guest-output'))};
    import { HostFailure } from ${JSON.stringify(source('host-failure'))};
    import { print, say, readStandardInput, standardInputIsData, isTerminal, writeStandard } from ${JSON.stringify(source('standard-streams'))};
    const output = new GuestOutput({ stdoutTo: ${stdoutTo} });
    const text = (words) => new TextEncoder().encode(words);
    ${body}`;
  return ['--input-type=module', '--eval', text];
}

/** What it writes to pipes. */
export const run = (body: string, stdoutTo: 1 | 2 = 1, input = '') =>
  spawnSync(process.execPath, program(body, stdoutTo), { encoding: 'utf8', input, maxBuffer: 1 << 24 });
