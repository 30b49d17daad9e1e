/**
 * `wirq/board`: the board as firmware sees it: time, why it was reset, pins and serial ports; timers, watchdog and clock
 * (board-timing.ts); converter, block transfers and entropy (board-transfers.ts).
 * A pin, port or address that does not exist is a programming error and stops the machine, naming the call.
 */
import type { Instant } from '../clock/instant.ts';
import { RESET_CAUSE_CODES, type ResetCause } from '../devices/device.ts';
import { type Gpio, PIN_COUNT, type Pull, type Trigger } from '../devices/gpio.ts';
import { PORT_COUNT, type Uart } from '../devices/uart.ts';
import { isLine } from '../interrupts/exceptions.ts';
import { type TimingMachine, timingFunctions } from './board-timing.ts';
import { type TransferMachine, transferFunctions } from './board-transfers.ts';
import type { HostModule } from './interface.ts';
import { guestBytes, MOST_AT_ONCE } from './memory.ts';

export interface BoardMachine extends TimingMachine, TransferMachine {
  now(): Instant;
  resetCause(): ResetCause;
  memory(): WebAssembly.Memory | undefined;
  readonly gpio: Gpio;
  readonly uarts: readonly Uart[];
  fail(message: string): never;
}

export const BOARD_MODULE = 'wirq/board';

/** By their numbers in `gpio_mode`. */
const MODES: readonly (readonly ['input' | 'output', Pull])[] = [
  ['input', 'none'],
  ['output', 'none'],
  ['input', 'up'],
  ['input', 'down'],
];

/** By their numbers in `gpio_irq`; 0 takes the wire away. */
const TRIGGERS: readonly (Trigger | undefined)[] = [undefined, 'rising', 'falling', 'both', 'high', 'low'];

export function createBoardModule(machine: BoardMachine): HostModule {
  return {
    now: { signature: '>I', call: () => BigInt(machine.now()) },
    reset_cause: { signature: '>i', call: () => RESET_CAUSE_CODES[machine.resetCause()] },
    ...gpioFunctions(machine),
    ...uartFunctions(machine),
    ...timingFunctions(machine),
    ...transferFunctions(machine),
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
        const known = MODES[mode];
        if (known === undefined) {
          return machine.fail(
            `gpio_mode: ${mode} is not a mode (0 input, 1 output, 2 input with pull-up, 3 with pull-down)`,
          );
        }
        gpio.setMode(checked(pin, 'gpio_mode'), known[0], known[1]);
      },
    },
    gpio_read: { signature: 'i>i', call: (pin: number) => gpio.read(checked(pin, 'gpio_read')) },
    gpio_write: {
      signature: 'ii>',
      call: (pin: number, level: number) => gpio.write(checked(pin, 'gpio_write'), level === 0 ? 0 : 1),
    },
    gpio_irq: {
      signature: 'iii>',
      call: (pin: number, line: number, trigger: number) => {
        if (!isLine(line) || line < 0) return machine.fail(`gpio_irq: there is no interrupt line ${line}`);
        if (trigger < 0 || trigger >= TRIGGERS.length) {
          return machine.fail(`gpio_irq: ${trigger} is not a trigger (0 none, 1 rising … 5 low)`);
        }
        gpio.interrupt(checked(pin, 'gpio_irq'), line, TRIGGERS[trigger]);
      },
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
      // A copy: whoever listens keeps it, and the guest goes on to reuse its buffer.
      call: (port: number, pointer: number, length: number) =>
        portOf(port, 'uart_write').transmit(bytesAt(pointer, length, 'uart_write').slice(0, MOST_AT_ONCE)),
    },
    uart_read: {
      signature: 'iii>i',
      call: (port: number, pointer: number, length: number) =>
        portOf(port, 'uart_read').read(bytesAt(pointer, length, 'uart_read')),
    },
    uart_status: { signature: 'i>i', call: (port: number) => portOf(port, 'uart_status').takeStatus() },
  };
}
