// Needs `wirq/task`: tasks that wait for each other in the middle of a call (--stacks wasmfx, jspi or asyncify).
// build: asc --runtime stub --exportTable
// Green threads and channels in AssemblyScript: the prime sieve of goroutines.c, with a channel written on park and wake.
import { task } from '../../sdk/assemblyscript/task';
import { irq, uart } from '../../sdk/assemblyscript/wirq';

/** Without room: who sends waits for who receives. One sender and one receiver at a time. */
class Channel {
  sender: i32 = -1;
  receiver: i32 = -1;
  full: bool = false;
  value: i32 = 0;
}

const channels: Channel[] = [];

function channel(): i32 {
  channels.push(new Channel());
  return channels.length - 1;
}

function send(to: i32, value: i32): void {
  const at = channels[to];
  const mask = irq.setPrimask(1); // other tasks run at our waits only
  at.value = value;
  at.full = true;
  at.sender = task.current();
  if (at.receiver >= 0) task.wake(at.receiver);
  irq.setPrimask(mask);
  while (at.full) task.park();
}

function receive(from: i32): i32 {
  const at = channels[from];
  at.receiver = task.current();
  while (!at.full) task.park();
  const mask = irq.setPrimask(1);
  at.receiver = -1;
  const value = at.value;
  at.full = false;
  task.wake(at.sender);
  irq.setPrimask(mask);
  return value;
}

function numbers(to: i32): void {
  for (let n = 2; ; n++) send(to, n);
}

/** What the filter that starts next is to take from, and give to. */
let taking = 0;
let giving = 0;

function filter(prime: i32): void {
  const source = taking;
  const sink = giving;
  for (;;) {
    const n = receive(source);
    if (n % prime != 0) send(sink, n);
  }
}

export function main(): i32 {
  let from = channel();
  task.spawn(numbers, from);
  for (let i = 0; i < 20; i++) {
    const prime = receive(from);
    uart.print(`${prime} `);
    taking = from;
    giving = channel();
    task.spawn(filter, prime, 127); // more urgent than we: it has read both when we go on
    from = giving;
  }
  uart.print('\n');
  return 0;
}
