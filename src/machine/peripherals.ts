/** The devices of a board, wired to their lines: configured names (`UART0`, `TIMER3`) win over the default lines. */
import type { Board } from '../devices/device.ts';
import { Gpio } from '../devices/gpio.ts';
import { TIMER_COUNT, Timers } from '../devices/timer.ts';
import { PORT_COUNT, Uart } from '../devices/uart.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Names } from './options.ts';

/** Serial port n pends line 5 + n, timer n line 16 + n, unless a configuration names `UARTn` or `TIMERn`. */
export const FIRST_UART_LINE = 5;
export const FIRST_TIMER_LINE = 16;

export interface Peripherals {
  readonly gpio: Gpio;
  readonly uarts: readonly Uart[];
  readonly timers: Timers;
}

export function createPeripherals(board: Board, names: Names): Peripherals {
  const lineFor = (name: string, otherwise: number) => (names.irqs.get(name)?.line ?? otherwise) as LineNumber;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return {
    gpio: new Gpio(board),
    uarts: range(PORT_COUNT).map((port) => new Uart(board, port, lineFor(`UART${port}`, FIRST_UART_LINE + port))),
    timers: new Timers(
      board,
      range(TIMER_COUNT).map((id) => lineFor(`TIMER${id}`, FIRST_TIMER_LINE + id)),
    ),
  };
}
