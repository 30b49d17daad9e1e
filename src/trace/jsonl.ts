/**
 * The event log as JSON Lines (jsonlines.org): one event a line, in the order in which they happened.
 * Keys come in a fixed order, so that a line is also the canonical form that the digest is taken over (digest.ts).
 * Every kind and field is described in docs/trace.md.
 */
import { assert } from '../assert.ts';
import type { EventKind, MachineEvent } from '../machine/events.ts';

/** The details of each kind in the order in which they are written. Others follow, sorted by name. */
export const EVENT_FIELDS: Readonly<Record<EventKind, readonly string[]>> = {
  reset: ['module', 'hz', 'seed', 'cause'],
  call: ['function'],
  pend: ['line', 'source', 'coalesced'],
  enter: ['line', 'priority', 'depth'],
  leave: ['line', 'depth'],
  post: ['what', 'number', 'value', 'overrun'],
  done: ['line'],
  guest: ['number', 'value'],
  signal: ['signal', 'action', 'value', 'source', 'reason', 'pending', 'count'],
  pin: ['pin', 'level', 'driver'],
  'uart-tx': ['port', 'text'],
  'uart-rx': ['port', 'text'],
  device: ['device', 'what'],
  log: ['from', 'level', 'message', 'values'],
  step: ['step', 'place'],
  expect: ['what', 'passed', 'expected', 'actual'],
  hardfault: ['cause', 'message'],
  mask: ['mask', 'value'],
  sleep: [],
  wake: [],
  spawn: ['task', 'priority'],
  finish: ['task', 'code'],
  switch: ['to'],
  await: ['call', 'number'],
  settle: ['call', 'number', 'result', 'exception'],
  fault: ['in', 'message', 'backtrace'],
  end: ['outcome', 'code'],
};

const HEADER: ReadonlySet<string> = new Set(['time', 'instructions', 'kind']);

/** Lines are gathered up to this many characters before they are handed on. */
const CHUNK_CHARACTERS = 1 << 16;

/**
 * An event as one line of JSON, without the line's end.
 *
 * @example formatEvent(event) // '{"time":10000000,"instructions":160000,"kind":"pend","line":"BUTTON","source":"injection"}'
 */
export function formatEvent(event: MachineEvent): string {
  const { details, kind } = event;
  let line = `{"time":${event.time},"instructions":${event.instructions},"kind":"${kind}"`;
  const fields = EVENT_FIELDS[kind];
  for (const field of fields) {
    const value = details[field];
    if (value !== undefined) line += `,"${field}":${JSON.stringify(value)}`;
  }
  for (const field of otherFields(details, fields)) {
    line += `,${JSON.stringify(field)}:${JSON.stringify(details[field])}`;
  }
  return `${line}}`;
}

function otherFields(details: MachineEvent['details'], known: readonly string[]): string[] {
  const others = Object.keys(details).filter((field) => !known.includes(field) && details[field] !== undefined);
  assert(!others.some((field) => HEADER.has(field)), `an event has a detail named as its header: ${others.join(', ')}`);
  return others.sort();
}

/**
 * Writes a trace as it happens.
 *
 * @example
 * const trace = new JsonlTrace((text) => file.write(text));
 * machine.onEvent(trace.listener);
 * machine.run();
 * trace.end();
 */
export class JsonlTrace {
  readonly #write: (text: string) => void;
  #waiting = '';

  /** @param write takes whole lines, several at a time. */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  readonly listener = (event: MachineEvent): void => {
    this.#waiting += `${formatEvent(event)}\n`;
    if (this.#waiting.length >= CHUNK_CHARACTERS) this.end();
  };

  /** Hands on what is still waiting. */
  end(): void {
    if (this.#waiting === '') return;
    this.#write(this.#waiting);
    this.#waiting = '';
  }
}
