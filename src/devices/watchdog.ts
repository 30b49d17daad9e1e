/**
 * A watchdog: once started it has to be fed before its time is over, or else it resets the firmware, or pends NMI first.
 * With a window it has to be fed late enough, too: firmware that feeds it in a loop that has lost its way is found out.
 * As on most chips it cannot be stopped, only by a reset. After an NMI a second timeout without food resets.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Duration, Instant } from '../clock/instant.ts';
import type { Board, Device, DeviceAccount } from './device.ts';

export type WatchdogAction = 'reset' | 'nmi';

export interface WatchdogConfig {
  readonly action?: WatchdogAction | undefined;
  /** Food that comes sooner than this after the last is refused with the action. */
  readonly window?: Duration | undefined;
  /** Started by the hardware with this timeout, at every reset; undefined waits for the firmware to start it. */
  readonly timeout?: Duration | undefined;
}

export class Watchdog implements Device {
  readonly #board: Board;
  readonly #action: WatchdogAction;
  readonly #window: Duration;
  readonly #config: WatchdogConfig;
  readonly #alarm: Alarm;
  #timeout: Duration | undefined;
  #fedAt = 0 as Instant;
  /** An NMI has warned, and nobody has fed it since. */
  #warned = false;
  #feeds = 0;
  #expiries = 0;
  #early = 0;

  constructor(board: Board, config: WatchdogConfig = {}) {
    this.#board = board;
    this.#config = config;
    this.#action = config.action ?? 'reset';
    this.#window = config.window ?? (0 as Duration);
    this.#alarm = board.alarm(() => {
      this.#expiries++;
      this.#bite('expired');
    });
    if (config.timeout !== undefined) this.start(config.timeout);
  }

  get isRunning(): boolean {
    return this.#timeout !== undefined;
  }

  /** Starts it, or gives a running one another timeout; counts as food that is never too early. */
  start(timeout: Duration): void {
    this.#timeout = timeout;
    this.#take();
  }

  /** @returns false when it does not run. */
  feed(): boolean {
    if (this.#timeout === undefined) return false;
    this.#feeds++;
    if (this.#board.now() - this.#fedAt < this.#window) {
      this.#early++;
      this.#bite('fed too early');
      return true;
    }
    this.#take();
    return true;
  }

  reset(): void {
    this.#timeout = undefined;
    this.#warned = false;
    this.#alarm.cancel();
    if (this.#config.timeout !== undefined) this.start(this.#config.timeout);
  }

  account(): DeviceAccount {
    return { feeds: this.#feeds, expiries: this.#expiries, early: this.#early };
  }

  #take(): void {
    this.#warned = false;
    this.#fedAt = this.#board.now();
    this.#alarm.after(this.#timeout!);
  }

  #bite(what: string): void {
    const warns = this.#action === 'nmi' && !this.#warned;
    this.#board.emit('device', { device: 'watchdog', what, action: warns ? 'nmi' : 'reset' });
    if (warns) {
      this.#warned = true;
      this.#alarm.after(this.#timeout!);
      this.#board.pendNmi('watchdog');
    } else {
      this.#board.reset('watchdog');
    }
  }
}
