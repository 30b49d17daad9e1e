/** The extern block of docs/signals.md in a program of Rust's own kind: its standard library, a timer, a mask, values. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { fixture } from '../support/root.ts';

const text = (path: string) => new TextDecoder().decode(fixture(path));

test('a program in Rust handles signals', (t) => {
  let output = '';
  const machine = Machine.load(fixture('tests/guests/programs/rust-signals.wasm'), {
    timeout: '1s',
    onOutput: (_, bytes) => {
      output += new TextDecoder().decode(bytes);
    },
  });
  const { outcome } = machine.run();
  t.is(output, 'ticks: 5\nblocked: 0\nvalues: 123\n');
  t.like(outcome, { kind: 'signal', name: 'SIGTERM' });
});

test('what the documentation shows of Rust is what was compiled', (t) => {
  const shown = /```rust\n(.*?)```/s.exec(text('docs/signals.md'))![1]!;
  const program = text('tests/guests/programs/rust-signals.rs');
  for (const line of shown.split('\n')) t.true(program.includes(line.trim()), line);
});
