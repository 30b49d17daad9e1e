/**
 * `wirq/board`: the board as firmware sees it: time, pins, serial ports, timers.
 * A pin, port or address that does not exist is a programming error and stops the machine, naming the call.
 * Not there yet: `adc_read`, `watchdog_start`, `watchdog_feed`.
 */
import type { Duration, Instant } from '../clock/instant.ts';
import { type Gpio, PIN_COUNT } from '../devices/gpio.ts';
import { TIMER_COUNT, type Timers } from '../devices/timer.ts';
import { PORT_COUNT, type Uart } from '../devices/uart.ts';
import type { HostModule } from './interface.ts';
import { guestBytes } from './memory.ts';

export interface BoardMachine {
  now(): Instant;
  memory(): WebAssembly.Memory | undefined;
  readonly gpio: Gpio;
  readonly uarts: readonly Uart[];
  readonly timers: Timers;
  fail(message: string): never;
}

export const BOARD_MODULE = 'wirq/board';

export function createBoardModule(machine: BoardMachine): HostModule {
  return {
    now: { signature: '>I', call: () => BigInt(machine.now()) },
    ...gpioFunctions(machine),
    ...uartFunctions(machine),
    ...timerFunctions(machine),
  };
}

function gpioFunctions(machine: BoardMachine): HostModule {
  const { gpio } = machine;
  const checked = (pin: number, call: string): number => {
    if (pin >= 0 && pin < PIN_COUNT) return pin;
    return machine.fail(`${call}: there is no pin ${pin} (pins are 0…${PIN_COUNT - 1})`);
  };
  return {
    gpio_mode: {
      signature: 'ii>',
      call: (pin: number, mode: number) => {
        if (mode !== 0 && mode !== 1) machine.fail(`gpio_mode: ${mode} is not a mode (0 input, 1 output)`);
        gpio.setMode(checked(pin, 'gpio_mode'), mode === 1 ? 'output' : 'input');
      },
    },
    gpio_read: { signature: 'i>i', call: (pin: number) => gpio.read(checked(pin, 'gpio_read')) },
    gpio_write: {
      signature: 'ii>',
      call: (pin: number, level: number) => gpio.write(checked(pin, 'gpio_write'), level === 0 ? 0 : 1),
    },
  };
}

function uartFunctions(machine: BoardMachine): HostModule {
  const portOf = (port: number, call: string): Uart =>
    machine.uarts[port] ?? machine.fail(`${call}: there is no serial port ${port} (ports are 0…${PORT_COUNT - 1})`);
  const bytesAt = (pointer: number, length: number, call: string): Uint8Array =>
    guestBytes(machine.memory(), pointer, length) ??
    machine.fail(`${call}: ${length >>> 0} bytes at 0x${(pointer >>> 0).toString(16)} do not lie in memory`);
  return {
    uart_write: {
      signature: 'iii>i',
      call: (port: number, pointer: number, length: number) => {
        // A copy: whoever listens keeps it, and the guest goes on to reuse its buffer.
        portOf(port, 'uart_write').transmit(bytesAt(pointer, length, 'uart_write').slice());
        return length;
      },
    },
    uart_read: {
      signature: 'iii>i',
      call: (port: number, pointer: number, length: number) =>
        portOf(port, 'uart_read').read(bytesAt(pointer, length, 'uart_read')),
    },
  };
}

function timerFunctions(machine: BoardMachine): HostModule {
  const checked = (id: number, call: string): number => {
    if (id >= 0 && id < TIMER_COUNT) return id;
    return machine.fail(`${call}: there is no timer ${id} (timers are 0…${TIMER_COUNT - 1})`);
  };
  return {
    timer_start: {
      signature: 'iIi>',
      call: (id: number, period: bigint, repeat: number) => {
        if (period < 0n || period > BigInt(Number.MAX_SAFE_INTEGER)) {
          machine.fail(`timer_start: a period of ${period} ns is out of range`);
        }
        machine.timers.start(checked(id, 'timer_start'), Number(period) as Duration, repeat !== 0);
      },
    },
    timer_stop: { signature: 'i>', call: (id: number) => machine.timers.stop(checked(id, 'timer_stop')) },
  };
}
