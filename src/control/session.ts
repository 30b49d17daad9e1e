/**
 * The machine's end of its control by other programs: takes their requests as lines, acts, and answers each with one line;
 * passes events to those who want to hear them. Called by the scheduler loop, while the guest is paused. Where lines come
 * from, and how fast they may come, is the host's matter (host/control-port.ts).
 */
import { WirqError } from '../errors.ts';
import type { MachineEvent } from '../machine/events.ts';
import type { Machine } from '../machine/machine.ts';
import { suggest } from '../scenario/suggest.ts';
import { EVENT_FIELDS, formatEvent } from '../trace/jsonl.ts';
import { type Answer, COMMANDS } from './commands.ts';
import { RefusedRequest, Request, type RequestId, refusal } from './request.ts';

/** What the protocol of docs/control.md is called in the greeting; raised when a known field changes its meaning. */
export const PROTOCOL = 1;

/** Events that a reader has not taken yet, in characters, before more are dropped. Each is counted, and told. */
const MOST_UNREAD = 1 << 18;

/** The way back to the programs. */
export interface ControlTransport {
  /** `listens`: it wants to hear events from now on. */
  answer(client: number, text: string, listens: boolean): void;
  event(client: number, text: string): void;
  /** How many characters of events have left for the program at `slot`, modulo 2^32. */
  sent(slot: number): number;
}

export interface SessionOptions {
  readonly machine: Machine;
  readonly transport: ControlTransport;
  /** How the machine runs, for `status`. */
  readonly surroundings: Answer;
  readonly writeStdin: ((bytes: Uint8Array | undefined) => void) | undefined;
}

/** One who hears events. */
interface Listener {
  readonly client: number;
  readonly slot: number;
  kinds: ReadonlySet<string> | undefined;
  /** Characters of events handed on, and events dropped since. */
  passed: number;
  lost: number;
}

export interface IncomingRequest {
  readonly client: number;
  readonly slot: number;
  readonly line: string;
}

export class ControlSession {
  readonly #options: SessionOptions;
  readonly #listeners = new Map<number, Listener>();
  #hears = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** @param asleep whether the guest sleeps. */
  request(incoming: IncomingRequest, asleep: boolean): void {
    const { client } = incoming;
    const answer = this.#answer(incoming, asleep);
    this.#options.transport.answer(client, JSON.stringify(answer), this.#listeners.has(client));
  }

  gone(client: number): void {
    this.#listeners.delete(client);
  }

  #answer(incoming: IncomingRequest, asleep: boolean): Answer {
    let id: RequestId = null;
    try {
      const request = Request.parse(incoming.line);
      ({ id } = request);
      return { id, ok: true, ...this.#act(request, incoming, asleep) };
    } catch (error) {
      if (error instanceof RefusedRequest) return refused(error.id, error.reason);
      if (error instanceof WirqError) return refused(id, error);
      throw error;
    }
  }

  #act(request: Request, incoming: IncomingRequest, asleep: boolean): Answer {
    const command = Object.hasOwn(COMMANDS, request.command) ? COMMANDS[request.command]! : undefined;
    if (command === undefined) {
      const known = [...Object.keys(COMMANDS), 'ping', 'kill'];
      throw refusal(`there is no command ${request.command}`, suggest(request.command, known, 'commands'));
    }
    if (command.fields === '') request.done();
    const { machine, surroundings, writeStdin } = this.#options;
    return command.act(request, {
      machine,
      surroundings,
      asleep,
      writeStdin: (bytes) => {
        if (writeStdin !== undefined) writeStdin(bytes);
        else throw refusal('this program does not read standard input', 'for its serial port, use write-uart');
      },
      subscribe: (kinds) => this.#subscribe(incoming, kinds),
    });
  }

  #subscribe({ client, slot }: IncomingRequest, kinds: readonly string[] | undefined): void {
    for (const kind of kinds ?? []) {
      if (!Object.hasOwn(EVENT_FIELDS, kind)) {
        throw refusal(`there are no events of kind ${kind}`, suggest(kind, Object.keys(EVENT_FIELDS), 'kinds'));
      }
    }
    if (kinds?.length === 0) {
      this.#listeners.delete(client);
      return;
    }
    const wanted = kinds && new Set(kinds);
    const known = this.#listeners.get(client);
    if (known !== undefined) known.kinds = wanted;
    else {
      const passed = this.#options.transport.sent(slot);
      this.#listeners.set(client, { client, slot, kinds: wanted, passed, lost: 0 });
    }
    if (this.#hears) return;
    this.#hears = true;
    this.#options.machine.onEvent((event) => this.#hear(event));
  }

  #hear(event: MachineEvent): void {
    let text: string | undefined;
    for (const listener of this.#listeners.values()) {
      if (listener.kinds !== undefined && !listener.kinds.has(event.kind)) continue;
      const { transport } = this.#options;
      const unread = (listener.passed - transport.sent(listener.slot)) | 0;
      if (unread > MOST_UNREAD && event.kind !== 'end') {
        listener.lost++;
        continue;
      }
      if (listener.lost > 0) {
        this.#pass(listener, `{"lost":${listener.lost}}`);
        listener.lost = 0;
      }
      text ??= `{"event":${formatEvent(event)}}`;
      this.#pass(listener, text);
    }
  }

  #pass(listener: Listener, text: string): void {
    listener.passed = (listener.passed + text.length) | 0;
    this.#options.transport.event(listener.client, text);
  }
}

function refused(id: RequestId, { code, message, advice }: WirqError): Answer {
  return { id, ok: false, error: advice === undefined ? { code, message } : { code, message, advice } };
}
