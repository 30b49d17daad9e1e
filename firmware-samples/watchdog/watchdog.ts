// A watchdog that is fed only when everybody has checked in: the main loop, and the sensor by its interrupt on line 3. Who has
// is kept in a word with a check sum, as firmware does that trusts its memory as little as itself. Changing that word takes
// a while, and so the main loop masks interrupts meanwhile. With the jumper on pin 2 it forgets to: the sensor's mark is
// overwritten now and then, the watchdog starves, and the firmware is reset. Boots are counted in retained memory.
import { board, irq, uart } from '../../sdk/assemblyscript/wirq';

const JUMPER = 2;
const TIMEOUT: i64 = 60_000_000; // 60 ms; the sensor reports every 25
const MAIN: u32 = 1;
const SENSOR: u32 = 2;
const LAST_BOOT: u32 = 3;

/** Survives resets: its size in bytes, then the number of boots. */
export const wirq_retained: usize = memory.data<u32>([16, 0, 0, 0]);
const BOOTS: usize = 4;

let word = encode(0);
let meals = 0;

/** The marks with a check sum over them, bit by bit. */
function encode(marks: u32): u32 {
  let sum: u32 = 0xffff;
  for (let bit = 0; bit < 200; bit++) {
    sum = (sum >> 1) ^ (((sum ^ (marks >> (bit & 15))) & 1) != 0 ? 0x8408 : 0);
  }
  return (marks << 16) | sum;
}

function mark(who: u32): void {
  const marks = word >> 16;
  word = encode(marks | who); // what is marked in between is lost, unless nobody can interrupt
}

export function SENSOR_IRQHandler(): void {
  mark(SENSOR);
}

export function main(): i32 {
  const boots = load<u32>(wirq_retained + BOOTS) + 1;
  store<u32>(wirq_retained + BOOTS, boots);
  const cause = board.resetCause();
  uart.print(cause == board.RESET_WATCHDOG ? `boot ${boots}, after the watchdog\n` : `boot ${boots}\n`);
  if (boots > LAST_BOOT) return 1;
  const careful = board.gpioRead(JUMPER) == 0;
  board.watchdogStart(TIMEOUT);
  while (meals < 20) {
    if (careful) irq.setPrimask(1);
    mark(MAIN);
    if (careful) irq.setPrimask(0);
    if (word >> 16 == (MAIN | SENSOR)) {
      board.watchdogFeed();
      meals++;
      word = encode(0);
    }
  }
  uart.print(`fed ${meals} times\n`);
  return 0;
}
