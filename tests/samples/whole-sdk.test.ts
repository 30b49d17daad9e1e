/** Every function of the SDKs, called by firmware on a machine: what each answers, and when handlers run. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { assemblyScript } from '../support/assemblyscript.ts';
import { fixture } from '../support/root.ts';

const EXPECTED = `enabled at reset: 0
enabled: 1
disabled: 0, pending: 1, handled: 0
cleared: 0, handled: 0
handled: 1, as exception 19, active then: 1, now: 0
priorities: 1 2
vector: 4, nested: 2
PRIMASK: 1, handled: 2
PRIMASK: 0, handled: 3
BASEPRI: 1, handled: 3
BASEPRI: 0, handled: 4
FAULTMASK, handled: 4
no FAULTMASK, handled: 5
systick: 0, too long: 1
3 ticks took 3 ms
pin: 1 0
uart
nothing to read: 0
mailbox: 0, misaligned: 28
`;

/** tests/samples/programs/whole-sdk.c in AssemblyScript; a word differs where the SDK's types do (true for 1, -1 for 0). */
const IN_ASSEMBLYSCRIPT = `
import { board, irq, mailbox, uart } from './sdk/assemblyscript/wirq';

let onLine3 = 0, onLine4 = 0, onSysTick = 0, seenException = 0, seenNested = 0;
let seenActive = false;

export function IRQ3_Handler(): void {
  onLine3++;
  seenException = irq.current();
  seenActive = irq.isActive(3);
}

export function SysTick_Handler(): void {
  onSysTick++;
}

function on4(line: i32): void {
  onLine4 += line;
  irq.setPending(3);
  seenNested = onLine3;
}

function flag(value: bool): string {
  return value ? '1' : '0';
}

function enabling(): void {
  uart.print(\`enabled at reset: \${flag(irq.isEnabled(3))}\\n\`);
  irq.enable(3);
  uart.print(\`enabled: \${flag(irq.isEnabled(3))}\\n\`);
  irq.disable(3);
  irq.setPending(3);
  uart.print(\`disabled: \${flag(irq.isEnabled(3))}, pending: \${flag(irq.isPending(3))}, handled: \${onLine3}\\n\`);
  irq.clearPending(3);
  irq.enable(3);
  uart.print(\`cleared: \${flag(irq.isPending(3))}, handled: \${onLine3}\\n\`);
  irq.setPending(3);
  uart.print(\`handled: \${onLine3}, as exception \${seenException}, active then: \${flag(seenActive)}, now: \${flag(irq.isActive(3))}\\n\`);
}

function priorities(): void {
  irq.setPriority(3, 1);
  irq.setPriority(4, 2);
  uart.print(\`priorities: \${irq.getPriority(3)} \${irq.getPriority(4)}\\n\`);
  irq.setVector(4, on4);
  irq.enable(4);
  irq.setPending(4);
  uart.print(\`vector: \${onLine4}, nested: \${seenNested}\\n\`);
}

function masks(): void {
  irq.setPrimask(1);
  irq.setPending(3);
  let masked = irq.getPrimask();
  uart.print(\`PRIMASK: \${masked}, handled: \${onLine3}\\n\`);
  irq.wfi();
  irq.setPrimask(0);
  masked = irq.getPrimask();
  uart.print(\`PRIMASK: \${masked}, handled: \${onLine3}\\n\`);
  irq.setBasepri(1);
  irq.setPending(3);
  uart.print(\`BASEPRI: \${irq.getBasepri()}, handled: \${onLine3}\\n\`);
  irq.setBasepri(0);
  uart.print(\`BASEPRI: \${irq.getBasepri()}, handled: \${onLine3}\\n\`);
  irq.setFaultmask(1);
  irq.setPending(3);
  uart.print(\`FAULTMASK, handled: \${onLine3}\\n\`);
  irq.setFaultmask(0);
  uart.print(\`no FAULTMASK, handled: \${onLine3}\\n\`);
}

function timing(): void {
  irq.sev();
  irq.wfe();
  const before = board.now();
  const started = irq.systick(16000);
  const refused = !irq.systick(0x1000001);
  uart.print(\`systick: \${flag(!started)}, too long: \${flag(refused)}\\n\`);
  while (onSysTick < 3) irq.wfi();
  irq.systick(0);
  uart.print(\`3 ticks took \${(board.now() - before) / 1000000} ms\\n\`);
}

function everythingElse(): void {
  board.gpioMode(13, board.OUTPUT);
  board.gpioWrite(13, 1);
  uart.print(\`pin: \${board.gpioRead(13)} \${board.gpioRead(14)}\\n\`);
  uart.print('uart\\n');
  uart.print(\`nothing to read: \${uart.readByte() + 1}\\n\`);
  board.timerStart(0, 1000000, false);
  board.timerStop(0);
  const block = memory.data(1024, 8);
  uart.print(\`mailbox: \${mailbox.open(block, 1024)}, misaligned: \${mailbox.open(block + 1, 512)}\\n\`);
}

export function main(): i32 {
  enabling();
  priorities();
  masks();
  timing();
  everythingElse();
  return 0;
}
`;

function outputOf(bytes: Uint8Array): { output: string; exitCode: number } {
  const decoder = new TextDecoder();
  let output = '';
  const machine = Machine.load(bytes, {
    timeout: '1s',
    onOutput: (_stream, written) => {
      output += decoder.decode(written, { stream: true });
    },
  });
  return { exitCode: machine.run().exitCode, output };
}

test('sdk/c/wirq.h, function by function', (t) => {
  const bytes = fixture('tests/samples/programs/whole-sdk.wasm');
  t.deepEqual(outputOf(bytes), { output: EXPECTED, exitCode: 0 });
});

test('sdk/assemblyscript/wirq.ts, function by function', async (t) => {
  t.deepEqual(outputOf(await assemblyScript(IN_ASSEMBLYSCRIPT)), { output: EXPECTED, exitCode: 0 });
});

test('sdk/assemblyscript/wirq.ts prints any text whole, across its chunks', async (t) => {
  // Surrogate pairs at odd and even places, so that one straddles the 64th unit either way.
  const text = `a${'\u{1F600}'.repeat(50)}é${'\u{1F680}'.repeat(50)}€\n`;
  const source = `
    import { uart } from './sdk/assemblyscript/wirq';
    export function main(): i32 {
      uart.print('${text.replace('\n', '\\n')}');
      uart.print('');
      return 0;
    }`;
  t.is(outputOf(await assemblyScript(source)).output, text);
});
