/** A machine in real time that a test drives as another program would: by `--control stdio`, or by a socket. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { root } from '../support/root.ts';

export type Line = Record<string, unknown>;

/** One end of the protocol: requests out, answers by id, and every line as it came. */
export class Talk {
  readonly lines: Line[] = [];
  readonly #output: Writable;
  readonly #waiting: { readonly found: (line: Line) => boolean; readonly resolve: (line: Line) => void }[] = [];
  readonly ended: Promise<void>;
  #next = 1;

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    let rest = '';
    input.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop()!;
      for (const part of parts) this.#hear(JSON.parse(part) as Line);
    });
    output.on('error', () => {}); // the machine may be gone already
    this.ended = new Promise((resolve) => input.on('end', resolve).on('close', resolve));
  }

  /** The answer to a request. */
  ask(command: string, fields: Line = {}): Promise<Line> {
    const id = this.#next++;
    this.send(JSON.stringify({ id, command, ...fields }));
    return this.until((line) => line.id === id);
  }

  send(line: string): void {
    this.#output.write(`${line}\n`);
  }

  /** The first line, already heard or to come, that is looked for. */
  until(found: (line: Line) => boolean): Promise<Line> {
    const known = this.lines.find(found);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.#waiting.push({ found, resolve }));
  }

  event(kind: string): Promise<Line> {
    return this.until((line) => (line.event as Line | undefined)?.kind === kind).then((line) => line.event as Line);
  }

  hangUp(): void {
    this.#output.end();
  }

  #hear(line: Line): void {
    this.lines.push(line);
    for (const each of [...this.#waiting]) {
      if (!each.found(line)) continue;
      this.#waiting.splice(this.#waiting.indexOf(each), 1);
      each.resolve(line);
    }
  }
}

export interface Controlled {
  readonly child: ChildProcessWithoutNullStreams;
  readonly talk: Talk;
  /** How the process ended. */
  readonly end: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts wirq in real time, driven by its standard input and output. */
export function controlled(args: readonly string[], cwd: string): Controlled {
  const child = spawnReal(['--control', 'stdio', ...args], cwd);
  return { child, talk: new Talk(child.stdout, child.stdin), end: endOf(child) };
}

export function spawnReal(args: readonly string[], cwd: string): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(root, 'bin/wirq.js'), '--clock', 'real', '--wall-timeout', '90s', ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
}

export function endOf(child: ChildProcessWithoutNullStreams): Controlled['end'] {
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

/** Connects to a socket, as soon as somebody listens there, and waits to be greeted. */
export async function talkTo(path: string): Promise<Talk> {
  for (;;) {
    const socket = connect(path);
    const connected = await new Promise((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    });
    if (connected) {
      const talk = new Talk(socket, socket);
      await talk.until((line) => 'wirq' in line || 'ok' in line);
      return talk;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
