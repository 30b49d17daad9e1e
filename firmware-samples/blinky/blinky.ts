// A blinking light and a button. SysTick toggles the LED; each press of the button halves the period; the third one
// ends the program. AssemblyScript, with the interface of sdk/assemblyscript/wirq.ts.
import { board, irq, uart } from '../../sdk/assemblyscript/wirq';

const LED = 13;
const CYCLES_PER_MS = 16_000;
const LAST_PRESS = 3;

let period = 100;
let level = 0;
let toggles = 0;
let presses = 0;

export function SysTick_Handler(): void {
  level ^= 1;
  board.gpioWrite(LED, level);
  toggles++;
}

export function BUTTON_IRQHandler(): void {
  presses++;
  period /= 2;
  irq.systick(period * CYCLES_PER_MS);
}

export function main(): i32 {
  board.gpioMode(LED, board.OUTPUT);
  irq.systick(period * CYCLES_PER_MS);
  uart.print(`blinking every ${period} ms\n`);
  let seen = 0;
  while (seen < LAST_PRESS) {
    irq.wfi();
    if (seen == presses) continue; // SysTick woke us
    seen = presses;
    if (seen < LAST_PRESS) uart.print(`press ${seen}: every ${period} ms\n`);
  }
  irq.systick(0);
  uart.print(`bye, after ${toggles} toggles\n`);
  return 0;
}
