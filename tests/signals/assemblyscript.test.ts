/** sdk/assemblyscript/signal.ts in a program of its own: handlers, masks, values and timers. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { assemblyScript } from '../support/assemblyscript.ts';

const PROGRAM = `
import { signal } from './sdk/assemblyscript/signal';
export { wirq_signal_frame } from './sdk/assemblyscript/signal';

let alarms = 0;
let told = '';

export function main(): i32 {
  signal.handle(signal.SIGVTALRM, (number: i32) => { if (number == signal.SIGVTALRM) alarms++; });
  signal.interval(signal.ITIMER_VIRTUAL, 1000, 1000);
  while (alarms < 5) {}
  signal.interval(signal.ITIMER_VIRTUAL, 0, 0);
  signal.handleInfo(signal.SIGRTMIN, (number: i32, info: usize, context: usize) => {
    told += signal.codeOf(info).toString() + ':' + signal.valueOf(info).toString() + ' ';
  });
  signal.handle(signal.SIGUSR1, (number: i32) => { told += 'USR1 '; });
  const before = signal.mask(signal.SIG_BLOCK, signal.bit(signal.SIGRTMIN) | signal.bit(signal.SIGUSR1));
  signal.sigqueue(signal.getpid(), signal.SIGRTMIN, 7);
  signal.raise(signal.SIGUSR1);
  signal.sigqueue(signal.getpid(), signal.SIGRTMIN, -8);
  console.log(alarms.toString() + ' ' + told);
  signal.mask(signal.SIG_SETMASK, before);
  console.log(told);
  signal.ignore(signal.SIGTERM);
  signal.raise(signal.SIGTERM);
  signal.restore(signal.SIGTERM);
  signal.raise(signal.SIGTERM);
  return 0;
}
`;

test('a program in AssemblyScript handles signals', async (t) => {
  const wasm = await assemblyScript(PROGRAM, ['--exportTable']);
  const lines: string[] = [];
  const machine = Machine.load(wasm, { timeout: '1s' });
  machine.onEvent(({ kind, details }) => {
    if (kind === 'log') lines.push(String(details.message));
  });
  const { outcome } = machine.run();
  t.deepEqual(lines, ['5 ', '-1:7 -1:-8 USR1 ']);
  t.like(outcome, { kind: 'signal', name: 'SIGTERM' });
});
