/**
 * Where other programs drive a machine from: standard input and output, or a socket for several of them (control-socket.ts).
 * Knows lines, clients and their limits; what a request means is for the core's thread. Only `ping` and `kill` are answered
 * here, so that they work whatever that thread does; and `pend`, where the guest's mailbox can be posted to while it runs.
 */
import type { Server } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { LINE_COUNT } from '../interrupts/exceptions.ts';
import { ControlClient, LONGEST_LINE } from './control-client.ts';
import { listenPrivately } from './control-socket.ts';
import { MOST_CLIENTS, SENT, type ToBoard, type ToCore } from './core-link.ts';

export type ControlPlace = { readonly kind: 'stdio' } | { readonly kind: 'unix'; readonly path: string };

export interface ControlPortOptions {
  readonly place: ControlPlace;
  readonly bell: Int32Array;
  /** The first line that every client is sent. */
  readonly greeting: string;
  readonly tell: (message: ToCore) => void;
  /** Posts a line into the guest's memory while it runs. @returns whether it could. */
  readonly post: (line: number) => boolean;
  /** Ends everything at once, whatever the machine does. */
  readonly kill: () => void;
}

interface Client {
  readonly number: number;
  readonly slot: number;
  readonly client: ControlClient;
  readonly output: Writable;
  /** Wants to hear what happens: stays when it has nothing more to say. */
  listens: boolean;
  silent: boolean;
  underWay: number;
}

/** What is left to write at the end is waited for so long. */
const LAST_WORDS_MS = 1_000;

export class ControlPort {
  readonly #options: ControlPortOptions;
  readonly #clients = new Map<number, Client>();
  #next = 0;
  #server: Server | undefined;

  constructor(options: ControlPortOptions) {
    this.#options = options;
  }

  /** @throws WirqError where no such place can be had. */
  async open(): Promise<void> {
    const { place } = this.#options;
    if (place.kind === 'stdio') {
      this.#welcome(process.stdin, process.stdout);
      return;
    }
    this.#server = await listenPrivately(place.path, (socket) => this.#welcome(socket, socket));
  }

  /** Passes on what the core says to a client. */
  hear(message: ToBoard & { readonly kind: 'answer' | 'event' }): void {
    const found = this.#clients.get(message.client);
    if (found === undefined) return;
    if (message.kind === 'event') {
      const { length } = message.text;
      found.client.write(message.text, () => {
        if (this.#clients.get(found.number) === found) Atomics.add(this.#options.bell, SENT + found.slot, length);
      });
      return;
    }
    found.listens = message.listens;
    this.#answer(found, message.text);
  }

  /** Says goodbye to everybody. */
  async close(code: number): Promise<void> {
    this.#server?.close();
    const ends = [...this.#clients.values()].map(({ client, output }) => {
      client.write(JSON.stringify({ exit: code }));
      return this.#options.place.kind === 'stdio' ? flushed(output) : ended(output);
    });
    this.#clients.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_WORDS_MS);
    });
    await Promise.race([Promise.all(ends), late]);
    clearTimeout(timer);
    if (this.#options.place.kind === 'stdio') process.stdin.destroy();
  }

  #welcome(input: Readable, output: Writable): void {
    const slot = this.#freeSlot();
    if (slot === undefined) {
      output.on('error', () => {});
      output.end(`${refusal(null, 'limit', `there are ${MOST_CLIENTS} clients already`)}\n`);
      return;
    }
    const number = this.#next++;
    Atomics.store(this.#options.bell, SENT + slot, 0);
    const client = new ControlClient({
      input,
      output,
      onRequest: (line) => this.#request(found, line),
      onTooLong: () => client.write(refusal(null, 'limit', `a request has at most ${LONGEST_LINE} bytes`)),
      onEnd: (lost) => this.#silent(found, lost),
    });
    const found: Client = { number, slot, client, output, listens: false, silent: false, underWay: 0 };
    this.#clients.set(number, found);
    client.write(this.#options.greeting);
  }

  #freeSlot(): number | undefined {
    const taken = new Set([...this.#clients.values()].map((each) => each.slot));
    for (let slot = 0; slot < MOST_CLIENTS; slot++) if (!taken.has(slot)) return slot;
    return undefined;
  }

  #request(found: Client, line: string): void {
    found.underWay++;
    const urgent = readUrgent(line);
    if (urgent === undefined) {
      this.#options.tell({ kind: 'request', client: found.number, slot: found.slot, line });
      return;
    }
    // Whoever listens is to hear of it, from the machine.
    const listens = [...this.#clients.values()].some((each) => each.listens);
    if (urgent.command === 'pend' && (listens || !this.#options.post(urgent.line!))) {
      this.#options.tell({ kind: 'request', client: found.number, slot: found.slot, line });
      return;
    }
    this.#answer(found, JSON.stringify({ id: urgent.id ?? null, ok: true }));
    if (urgent.command === 'kill') this.#options.kill();
  }

  #answer(found: Client, text: string): void {
    found.underWay--;
    found.client.answer(text);
    this.#leave(found);
  }

  /** Has nothing more to say. With `lost`, nobody hears either. */
  #silent(found: Client, lost: boolean): void {
    found.silent = true;
    if (!lost) this.#leave(found);
    else if (this.#clients.delete(found.number)) this.#options.tell({ kind: 'gone', client: found.number });
    if (this.#options.place.kind === 'stdio') this.#options.tell({ kind: 'control-end' });
  }

  /** One that has said all it had to say, and heard all it asked for, is let go. */
  #leave(found: Client): void {
    if (this.#options.place.kind === 'stdio' || !found.silent || found.listens || found.underWay > 0) return;
    if (!this.#clients.delete(found.number)) return;
    found.output.end();
    this.#options.tell({ kind: 'gone', client: found.number });
  }
}

interface Urgent {
  readonly id: unknown;
  readonly command: 'ping' | 'kill' | 'pend';
  readonly line: number | undefined;
}

function isLine(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < LINE_COUNT;
}

/** What the board does itself; anything else, well-formed or not, is the core's to judge. */
function readUrgent(text: string): Urgent | undefined {
  if (!/"(ping|kill|pend)"/.test(text)) return undefined;
  try {
    const { id, command, line, ...rest } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    if (Object.keys(rest).length > 0 || !['number', 'string', 'undefined'].includes(typeof id)) return undefined;
    if (command === 'pend') return isLine(line) ? { id, command, line } : undefined;
    return (command === 'ping' || command === 'kill') && line === undefined ? { id, command, line } : undefined;
  } catch {
    return undefined;
  }
}

function refusal(id: unknown, code: string, message: string): string {
  return JSON.stringify({ id, ok: false, error: { code, message } });
}

function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}

function ended(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    output.end();
    output.once('close', resolve);
    output.once('finish', resolve);
  });
}
