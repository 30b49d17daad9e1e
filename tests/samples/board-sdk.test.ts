/** The SDKs' functions for the board's devices, called by firmware on a machine: the same answers in C and AssemblyScript. */
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import { assemblyScript } from '../support/assemblyscript.ts';
import { fixture } from '../support/root.ts';

const EXPECTED = `boot 1, cause 0
pulls: 1 0
rising: 1
captured: 1, then: -1, handled: 1
elapsed: -1 1
date: 946684800
rang: 1 at 5
adc: 2048
dma: 0, busy: 1, to go: 7, copied
sampling: 0
samples: 2048 2048, to go: 0
entropy: 1 1
uart: 8
boot 2, cause 1
`;

/** tests/samples/programs/board-sdk.c in AssemblyScript. */
const IN_ASSEMBLYSCRIPT = `
import { board, irq, uart } from './sdk/assemblyscript/wirq';

export const wirq_retained: usize = memory.data<u32>([16, 0, 0, 0]);
let onPin = 0, onTimer = 0, onRtc = 0, onDma = 0;

export function IRQ3_Handler(): void { onPin++; }
export function IRQ17_Handler(): void { onTimer++; }
export function IRQ33_Handler(): void { onRtc++; }
export function IRQ40_Handler(): void { onDma++; }

function flag(value: bool): string { return value ? '1' : '0'; }

function pins(): void {
  board.gpioMode(20, board.PULL_UP);
  board.gpioMode(21, board.PULL_DOWN);
  uart.print(\`pulls: \${board.gpioRead(20)} \${board.gpioRead(21)}\\n\`);
  board.gpioIrq(4, 3, board.RISING);
  board.gpioWrite(4, 1);
  board.gpioWrite(4, 0);
  board.gpioIrq(4, 3, board.NO_TRIGGER);
  board.gpioWrite(4, 1);
  uart.print(\`rising: \${onPin}\\n\`);
  board.timerCapture(1, 5, board.BOTH);
  const before = board.now();
  board.gpioWrite(5, 1);
  const captured = board.timerCaptured(1);
  const within = captured >= before && captured <= board.now();
  uart.print(\`captured: \${flag(within)}, then: \${board.timerCaptured(1)}, handled: \${onTimer}\\n\`);
}

function timing(): void {
  uart.print(\`elapsed: \${board.timerElapsed(2)}\`);
  board.timerStart(2, 1000000, false);
  uart.print(\` \${flag(board.timerElapsed(2) < 1000000)}\\n\`);
  board.timerStop(2);
  uart.print(\`date: \${board.rtcTime() / 1000000000}\\n\`);
  board.rtcSet(5000000000);
  board.rtcAlarm(board.rtcTime() + 1000);
  while (onRtc == 0) irq.wfi();
  board.rtcAlarm(board.rtcTime() + 1000);
  board.rtcAlarm(-1);
  uart.print(\`rang: \${onRtc} at \${board.rtcTime() / 1000000000}\\n\`);
  board.watchdogStart(500000000);
  board.watchdogFeed();
}

function transfers(): void {
  const from = memory.data<u8>([99, 111, 112, 105, 101, 100, 0]);
  const to = memory.data(7);
  const samples = memory.data(6, 2);
  uart.print(\`adc: \${board.adcRead(2)}\\n\`);
  const started = board.dmaCopy(0, to, from, 7);
  uart.print(\`dma: \${started}, busy: \${board.dmaCopy(0, to, from, 1)}, to go: \${board.dmaRemaining(0)}\`);
  while (onDma == 0) irq.wfi();
  uart.print(\`, \${String.UTF8.decodeUnsafe(to, 6)}\\n\`);
  uart.print(\`sampling: \${board.dmaSample(0, 2, 3, samples, 3, false)}\\n\`);
  board.timerStart(3, 1000, true);
  while (onDma == 1) irq.wfi();
  board.timerStop(3);
  board.dmaStop(0);
  uart.print(\`samples: \${load<u16>(samples)} \${load<u16>(samples + 4)}, to go: \${board.dmaRemaining(0)}\\n\`);
  const bytes = memory.data(8);
  board.entropyFill(bytes, 8);
  uart.print(\`entropy: \${flag(load<u64>(bytes) != 0)} \${flag(board.entropyWord() != board.entropyWord())}\\n\`);
  uart.print(\`uart: \${board.uartStatus(1)}\\n\`);
}

export function main(): i32 {
  store<u32>(wirq_retained + 4, load<u32>(wirq_retained + 4) + 1);
  uart.print(\`boot \${load<u32>(wirq_retained + 4)}, cause \${board.resetCause()}\\n\`);
  if (board.resetCause() == board.RESET_SOFTWARE) return 0;
  irq.enable(3);
  irq.enable(17);
  irq.enable(33);
  irq.enable(40);
  pins();
  timing();
  transfers();
  irq.systemReset();
  return 1;
}
`;

function outputOf(bytes: Uint8Array): { output: string; exitCode: number } {
  const decoder = new TextDecoder();
  let output = '';
  const machine = Machine.load(bytes, {
    timeout: '1s',
    // A word takes long enough that a copy is under way while the firmware prints.
    board: { adc: { channels: { 2: { constant: '1.65V' } } }, dma: { wordTime: '1ms' } },
    onOutput: (_stream, written) => {
      output += decoder.decode(written, { stream: true });
    },
  });
  return { exitCode: machine.run().exitCode, output };
}

test('sdk/c/wirq.h, device by device', (t) => {
  const bytes = fixture('tests/samples/programs/board-sdk.wasm');
  t.deepEqual(outputOf(bytes), { output: EXPECTED, exitCode: 0 });
});

test('sdk/assemblyscript/wirq.ts, device by device', async (t) => {
  t.deepEqual(outputOf(await assemblyScript(IN_ASSEMBLYSCRIPT)), { output: EXPECTED, exitCode: 0 });
});
