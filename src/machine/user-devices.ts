/**
 * Devices of the user's own, plugged into the same board as ours: made at load, told of resets, asked for their accounts,
 * and offered to firmware as imports of the module `device/<name>`. What they throw is reported as theirs, by name.
 */

import type { Adc } from '../devices/adc.ts';
import type { Board, Device } from '../devices/device.ts';
import type { Gpio } from '../devices/gpio.ts';
import type { Uart } from '../devices/uart.ts';
import { WirqError } from '../errors.ts';
import type { HostModule } from '../guests/interface.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Wiring } from './peripherals.ts';

/** What a device of the user's own is given: the board of ours, and the names, pins and ports on it. */
export interface DeviceBoard extends Board {
  /** The line of a name that the configuration gives, or of a number. @throws WirqError for one that there is not. */
  line(line: number | string): LineNumber;
  /** Likewise a pin. */
  pin(pin: number | string): number;
  readonly gpio: Gpio;
  readonly uarts: readonly Uart[];
  readonly adc: Adc;
}

/** A device that firmware can call. */
export interface UserDevice extends Device {
  /** Functions for the guest, which imports them from the module `device/<name>`. */
  readonly imports?: HostModule;
}

/** Text or numbers, from `--device`, a scenario's `devices` or the library's caller. */
export type DeviceOptions = Readonly<Record<string, string | number>>;

export type DeviceClass = new (board: DeviceBoard, options: DeviceOptions) => UserDevice;

const MAX_DEVICES = 100;

/** @throws WirqError `bad-device` for what cannot be made, and options of devices that nobody plugged in. */
export function createUserDevices(
  classes: Readonly<Record<string, DeviceClass>>,
  options: Readonly<Record<string, DeviceOptions>>,
  board: Board,
  wiring: Wiring & Pick<DeviceBoard, 'gpio' | 'uarts' | 'adc'>,
): Map<string, UserDevice> {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(classes, name)) continue;
    throw new WirqError('bad-device', `there are options for a device ${name}, but none is plugged in`, {
      advice: `plug it in: --device ${name}=./${name}.js, or the option devices of Machine.load`,
    });
  }
  const entries = Object.entries(classes);
  if (entries.length > MAX_DEVICES) throw new WirqError('limit', `more than ${MAX_DEVICES} devices`);
  return new Map(
    entries.map(([name, Class]) => {
      const device = guarded(name, () => new Class(userBoard(name, board, wiring), options[name] ?? {}));
      return [name, guardedDevice(name, device)];
    }),
  );
}

/** The modules of functions that devices offer to the guest. */
export function deviceModules(devices: ReadonlyMap<string, UserDevice>): [module: string, functions: HostModule][] {
  return [...devices].flatMap(([name, { imports }]) => (imports === undefined ? [] : [[`device/${name}`, imports]]));
}

function userBoard(
  name: string,
  board: Board,
  wiring: Wiring & Pick<DeviceBoard, 'gpio' | 'uarts' | 'adc'>,
): DeviceBoard {
  return {
    get observed() {
      return board.observed;
    },
    now: () => board.now(),
    alarm: (fire) => board.alarm(() => guarded(name, fire)),
    pend: (line, source) => board.pend(line, source),
    hold: (line, asserted, source) => board.hold(line, asserted, source),
    pendNmi: (source) => board.pendNmi(source),
    reset: (cause) => board.reset(cause),
    memory: (address, length) => board.memory(address, length),
    random: (stream) => board.random(`${name} ${stream}`),
    emit: (kind, details) => board.emit(kind, details),
    line: (line) => wiring.resolveLine(line),
    pin: (pin) => wiring.resolvePin(pin),
    gpio: wiring.gpio,
    uarts: wiring.uarts,
    adc: wiring.adc,
  };
}

function guardedDevice(name: string, device: UserDevice): UserDevice {
  if (typeof device !== 'object' || device === null) throw failure(name, 'its class makes no object');
  const imports = Object.entries(device.imports ?? {}).map(
    ([call, { signature, call: act }]) =>
      [
        call,
        { signature, call: (...args: unknown[]) => guarded(name, () => act.apply(device.imports, args)) },
      ] as const,
  );
  return {
    imports: Object.fromEntries(imports),
    reset: (cause) => guarded(name, () => device.reset?.(cause)),
    account: () => guarded(name, () => device.account?.() ?? {}),
    control: (control, value) =>
      guarded(name, () => {
        if (device.control === undefined) throw new Error(`it has no controls, and so no ${control}`);
        device.control(control, value);
      }),
  };
}

/** An error of the device's own becomes one that says whose it is; ours pass. */
function guarded<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    // A trap unwinds the guest, and what ends a run is no failure of the device that asked for it.
    if (error instanceof WirqError || error instanceof WebAssembly.RuntimeError) throw error;
    throw failure(name, error instanceof Error ? error.message : String(error), error);
  }
}

function failure(name: string, why: string, cause?: unknown): WirqError {
  return new WirqError('bad-device', `device ${name}: ${why}`, {
    advice: 'this is an error of the device that was plugged in',
    cause,
  });
}
