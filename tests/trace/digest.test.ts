/** Goal: the digest tells any two different runs apart, and nothing else: not the size of the pieces of output. */
import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type { Instant } from '../../src/clock/instant.ts';
import type { MachineEvent } from '../../src/machine/events.ts';
import { RunDigest } from '../../src/trace/digest.ts';
import { formatEvent } from '../../src/trace/jsonl.ts';

const pend = (time: number): MachineEvent => ({
  time: time as Instant,
  instructions: time * 16,
  kind: 'pend',
  details: { line: 'BUTTON', source: 'injection' },
});
const ascii = (text: string) => new TextEncoder().encode(text);

function digestOf(events: readonly MachineEvent[], stdout: readonly string[], stderr: readonly string[] = []): string {
  const digest = new RunDigest();
  for (const event of events) digest.listener(event);
  for (const text of stdout) digest.output('stdout', ascii(text));
  for (const text of stderr) digest.output('stderr', ascii(text));
  return digest.hex();
}

test('it is what docs/trace.md says', (t) => {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const lines = `${formatEvent(pend(1))}\n${formatEvent(pend(2))}\n`;
  t.is(
    digestOf([pend(1), pend(2)], ['out'], ['err']),
    sha(`wirq run digest 1\n${sha(lines)}\n${sha('out')}\n${sha('err')}`),
  );
});

test('a change anywhere shows', (t) => {
  const runs = [
    digestOf([], []),
    digestOf([pend(1)], []),
    digestOf([pend(2)], []),
    digestOf([pend(1), pend(2)], []),
    digestOf([pend(2), pend(1)], []),
    digestOf([pend(1)], ['a']),
    digestOf([pend(1)], [], ['a']),
    digestOf([pend(1)], ['ab']),
    digestOf([pend(1)], ['ba']),
  ];
  t.is(new Set(runs).size, runs.length);
});

test('the pieces that output came in do not', (t) => {
  fc.assert(
    fc.property(fc.array(fc.string()), (pieces) => {
      t.is(digestOf([pend(1)], pieces), digestOf([pend(1)], [pieces.join('')]));
    }),
  );
});

test('asking does not change it', (t) => {
  const digest = new RunDigest();
  digest.listener(pend(1));
  const first = digest.hex();
  t.is(digest.hex(), first);
  digest.listener(pend(2));
  t.is(digest.hex(), digestOf([pend(1), pend(2)], []));
});
