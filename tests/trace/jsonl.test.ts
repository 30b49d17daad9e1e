/** Goal: each event is one line of JSON with its keys in the documented order, whatever the order it came in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { Instant } from '../../src/clock/instant.ts';
import type { EventDetails, EventKind, MachineEvent } from '../../src/machine/events.ts';
import { EVENT_FIELDS, formatEvent, JsonlTrace } from '../../src/trace/jsonl.ts';
import { root } from '../support/root.ts';

function event(kind: EventKind, details: EventDetails, time = 10_000_000, instructions = 160_000): MachineEvent {
  return { time: time as Instant, instructions, kind, details };
}

test('keys come in a fixed order', (t) => {
  const expected = '{"time":10000000,"instructions":160000,"kind":"enter","line":"BUTTON","priority":2,"depth":1}';
  t.is(formatEvent(event('enter', { line: 'BUTTON', priority: 2, depth: 1 })), expected);
  t.is(formatEvent(event('enter', { depth: 1, line: 'BUTTON', priority: 2 })), expected);
  t.is(
    formatEvent(event('log', { zebra: 1, message: 'hello', ant: true, from: 'trace' })),
    '{"time":10000000,"instructions":160000,"kind":"log","from":"trace","message":"hello","ant":true,"zebra":1}',
  );
  t.is(formatEvent(event('sleep', {}, 0, 0)), '{"time":0,"instructions":0,"kind":"sleep"}');
});

test('a detail named like the header is our own mistake', (t) => {
  t.throws(() => formatEvent(event('log', { from: 'trace', time: 3 })), { message: /wrong about itself/ });
});

test('any text stays on one line and is read back', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.maxSafeNat(), (text, time) => {
      const line = formatEvent(event('uart-tx', { port: 0, text }, time));
      t.notRegex(line, /[\n\r]/);
      t.deepEqual(JSON.parse(line), { time, instructions: 160_000, kind: 'uart-tx', port: 0, text });
    }),
  );
});

test('a trace arrives complete, in order, as whole lines', (t) => {
  const chunks: string[] = [];
  const trace = new JsonlTrace((text) => chunks.push(text));
  const count = 5000;
  for (let index = 0; index < count; index += 1)
    trace.listener(event('pin', { pin: 1, level: 1, driver: 'guest' }, index));
  t.true(chunks.length > 0, 'nothing was written before the end');
  trace.end();
  trace.end();
  t.true(chunks.every((chunk) => chunk.endsWith('\n')));
  const times = chunks
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).time);
  t.deepEqual(
    times,
    Array.from({ length: count }, (_, index) => index),
  );
});

/** The fields that docs/trace.md gives to each kind, in order. */
function documented(): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  const sections = readFileSync(join(root, 'docs/trace.md'), 'utf8').split(/^### /m).slice(1);
  for (const section of sections) {
    const fields = [...section.matchAll(/^\| `([a-z]+)`\??\s*\|/gm)].map((match) => match[1]!);
    for (const [, kind] of section.split('\n', 1)[0]!.matchAll(/`([a-z-]+)`/g)) kinds.set(kind!, fields);
  }
  return kinds;
}

test('docs/trace.md describes every kind and field, in the order in which they are written', (t) => {
  const kinds = documented();
  t.deepEqual([...kinds.keys()].sort(), Object.keys(EVENT_FIELDS).sort());
  for (const [kind, fields] of Object.entries(EVENT_FIELDS)) t.deepEqual(kinds.get(kind), [...fields], kind);
});
