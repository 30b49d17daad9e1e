/**
 * The devices of a board, configured and wired to their lines: configured names (`UART0`, `TIMER3`) win over the default
 * lines. All of them are there on every board; the table of lines is in docs/devices.md.
 */
import { Adc } from '../devices/adc.ts';
import type { Board, Device } from '../devices/device.ts';
import { DMA_CHANNEL_COUNT, Dma } from '../devices/dma.ts';
import { Entropy } from '../devices/entropy.ts';
import { Gpio } from '../devices/gpio.ts';
import { Rtc } from '../devices/rtc.ts';
import { TIMER_COUNT, Timers } from '../devices/timer.ts';
import { PORT_COUNT, Uart } from '../devices/uart.ts';
import { Watchdog } from '../devices/watchdog.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import { type BoardOptions, checkAdc, checkDate, checkUart, checkWatchdog } from './board-options.ts';
import { checkTime, type Names } from './options.ts';

/** Serial port n pends line 5 + n, timer n line 16 + n, unless a configuration names `UARTn` or `TIMERn`. */
export const FIRST_UART_LINE = 5;
export const FIRST_TIMER_LINE = 16;
/** The clock's alarm pends line 33 (`RTC`), DMA channel n line 40 + n (`DMAn`). */
export const RTC_LINE = 33;
export const FIRST_DMA_LINE = 40;

export interface Peripherals {
  readonly gpio: Gpio;
  readonly uarts: readonly Uart[];
  readonly timers: Timers;
  readonly adc: Adc;
  readonly watchdog: Watchdog;
  readonly rtc: Rtc;
  readonly dma: Dma;
  readonly entropy: Entropy;
}

/** What the board's wiring needs to know of the machine. */
export interface Wiring {
  readonly names: Names;
  readonly hz: number;
  resolveLine(line: number | string): LineNumber;
  resolvePin(pin: number | string): number;
}

export function createPeripherals(board: Board, options: BoardOptions, wiring: Wiring): Peripherals {
  const lineFor = (name: string, otherwise: number) => (wiring.names.irqs.get(name)?.line ?? otherwise) as LineNumber;
  const linesFor = (name: string, count: number, first: number) =>
    Array.from({ length: count }, (_, index) => lineFor(`${name}${index}`, first + index));
  const gpio = new Gpio(board);
  for (const { pin, pull } of options.pulls ?? []) gpio.pull(wiring.resolvePin(pin), pull);
  for (const { pin, time } of options.bounces ?? []) gpio.bounce(wiring.resolvePin(pin), checkTime(time, 'bounce'));
  const timers = new Timers(board, gpio, linesFor('TIMER', TIMER_COUNT, FIRST_TIMER_LINE));
  const adc = new Adc(board, checkAdc(options.adc));
  const wordTime = options.dma?.wordTime;
  const dma = new Dma(
    board,
    {
      lines: linesFor('DMA', DMA_CHANNEL_COUNT, FIRST_DMA_LINE),
      wordTime: wordTime === undefined ? 1e9 / wiring.hz : checkTime(wordTime, 'word time'),
    },
    adc,
    timers,
  );
  return {
    gpio,
    uarts: createUarts(board, options.uarts ?? {}, linesFor('UART', PORT_COUNT, FIRST_UART_LINE), wiring),
    timers,
    adc,
    watchdog: new Watchdog(board, checkWatchdog(options.watchdog)),
    rtc: new Rtc(board, { line: lineFor('RTC', RTC_LINE), start: checkDate(options.rtc?.start) }),
    dma,
    entropy: new Entropy(board),
  };
}

function createUarts(
  board: Board,
  options: NonNullable<BoardOptions['uarts']>,
  lines: readonly LineNumber[],
  wiring: Wiring,
): Uart[] {
  for (const [port, each] of Object.entries(options)) checkUart(port, each); // ports that are not there, too
  return lines.map((line, port) => {
    const { baud, fifo } = checkUart(String(port), options[port] ?? {});
    const sent = options[port]?.sentLine;
    return new Uart(board, port, {
      line,
      baud,
      fifo,
      sentLine: sent === undefined ? undefined : wiring.resolveLine(sent),
    });
  });
}

/** Every device by the name that results show it under. */
export function namedDevices(peripherals: Peripherals): [name: string, device: Device][] {
  const { gpio, uarts, timers, adc, watchdog, rtc, dma, entropy } = peripherals;
  return [
    ['gpio', gpio],
    ...uarts.map((uart): [string, Device] => [`uart ${uart.port}`, uart]),
    ['timers', timers],
    ['adc', adc],
    ['watchdog', watchdog],
    ['rtc', rtc],
    ['dma', dma],
    ['entropy', entropy],
  ];
}
