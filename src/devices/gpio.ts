/**
 * General-purpose pins 0 … 255: a level each, driven by the guest (output) or from outside (input). A pin that nobody
 * drives has the level of its pull resistor, or keeps the one it had. A pin may be wired to an interrupt line, by edge
 * or by level, and a contact that drives it may bounce, with noise from the seed.
 * Leaves out currents: of two that drive a pin, the later wins.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Duration, Instant } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Board, Device, DeviceAccount } from './device.ts';

export const PIN_COUNT = 256;

export type PinMode = 'input' | 'output';
export type Level = 0 | 1;
export type Edge = 'rising' | 'falling' | 'both';
export type Pull = 'none' | 'up' | 'down';
/** What raises a line: an edge, or a level for as long as it lasts. */
export type Trigger = Edge | 'high' | 'low';

/** A contact makes and breaks again at most so often before it rests; a bouncing button shows about ten. */
const MAX_BOUNCES = 8;

/** Hears of every change of a pin's level. */
export type PinListener = (level: Level, at: Instant) => void;

interface Wire {
  readonly line: LineNumber;
  readonly trigger: Trigger;
}

/** A contact that bounces: how long, where it comes to rest, and the moments (ns) at which it still changes, the last one first. */
interface Contact {
  readonly duration: Duration;
  readonly alarm: Alarm;
  readonly changes: number[];
  target: Level;
}

export class Gpio implements Device {
  readonly #board: Board;
  readonly #levels = new Uint8Array(PIN_COUNT);
  readonly #outputs = new Uint8Array(PIN_COUNT);
  /** Whether something outside drives the pin. */
  readonly #driven = new Uint8Array(PIN_COUNT);
  /** Resistors on the board, and those that the firmware switched on. */
  readonly #fixedPulls: Pull[] = new Array(PIN_COUNT).fill('none');
  readonly #pulls: Pull[] = new Array(PIN_COUNT).fill('none');
  /** Wiring of the board, and what the firmware wired at run time instead. */
  readonly #fixedWires = new Map<number, Wire>();
  readonly #wires = new Map<number, Wire>();
  readonly #listeners = new Map<number, PinListener[]>();
  readonly #contacts = new Map<number, Contact>();
  readonly #random: () => number;
  #bounces = 0;

  constructor(board: Board) {
    this.#board = board;
    this.#random = board.random('gpio');
  }

  // The board's wiring

  /** Makes edges of `pin` pend `line`, or its level hold it. */
  wire(pin: number, line: LineNumber, trigger: Trigger): void {
    this.#fixedWires.set(pin, { line, trigger });
    this.#connect(pin, line, trigger);
  }

  /** Puts a resistor on the board: an undriven pin has its level, from the beginning. */
  pull(pin: number, pull: Pull): void {
    this.#fixedPulls[pin] = pull;
    this.#settle(pin);
  }

  /** Makes what drives the pin from outside bounce for up to `duration` after each change. */
  bounce(pin: number, duration: Duration): void {
    const changes: number[] = [];
    const alarm = this.#board.alarm(() => {
      changes.pop();
      this.#bounces++;
      const away: Level = contact.target === 1 ? 0 : 1;
      this.#change(pin, changes.length % 2 === 0 ? contact.target : away, 'outside');
      if (changes.length > 0) alarm.at(changes.at(-1)!);
    });
    const contact: Contact = { duration, alarm, changes, target: 0 };
    this.#contacts.set(pin, contact);
  }

  /** Hears every change of the pin's level, whoever made it. */
  watch(pin: number, listener: PinListener): void {
    const listeners = this.#listeners.get(pin);
    if (listeners === undefined) this.#listeners.set(pin, [listener]);
    else listeners.push(listener);
  }

  // The firmware's side

  setMode(pin: number, mode: PinMode, pull: Pull = 'none'): void {
    this.#outputs[pin] = mode === 'output' ? 1 : 0;
    this.#pulls[pin] = pull;
    this.#settle(pin);
  }

  modeOf(pin: number): PinMode {
    return this.#outputs[pin] === 1 ? 'output' : 'input';
  }

  read(pin: number): Level {
    return this.#levels[pin] === 1 ? 1 : 0;
  }

  /** The guest drives the pin; writing makes it an output. */
  write(pin: number, level: Level): void {
    this.#outputs[pin] = 1;
    this.#change(pin, level, 'guest');
  }

  /** The guest wires the pin to a line; undefined takes the wire away. */
  interrupt(pin: number, line: LineNumber, trigger: Trigger | undefined): void {
    if (trigger === undefined) this.#disconnect(pin);
    else this.#connect(pin, line, trigger);
  }

  // Outside

  /** Something on the board drives the pin: a button, a sensor. */
  drive(pin: number, level: Level): void {
    this.#driven[pin] = 1;
    this.#touch(pin, level);
  }

  /** Nothing outside drives the pin any more: the button is let go. */
  release(pin: number): void {
    this.#driven[pin] = 0;
    const level = this.#restingLevel(pin);
    if (level !== undefined) this.#touch(pin, level);
  }

  // Device

  /**
   * Pins are inputs again, without the resistors and wires that the firmware chose; what drives them still does. Those
   * that only the firmware drove fall to 0, unless a resistor holds them.
   */
  reset(): void {
    const dropped = this.#outputs.slice();
    this.#outputs.fill(0);
    this.#pulls.fill('none');
    for (const pin of [...this.#wires.keys()]) {
      const fixed = this.#fixedWires.get(pin);
      if (fixed === undefined) this.#disconnect(pin);
      else if (fixed !== this.#wires.get(pin)) this.#connect(pin, fixed.line, fixed.trigger);
    }
    for (const [pin, { line, trigger }] of this.#fixedWires) {
      if (!this.#wires.has(pin)) this.#connect(pin, line, trigger);
    }
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      this.#settle(pin);
      const floats = this.#driven[pin] === 0 && this.#restingLevel(pin) === undefined;
      if (dropped[pin] === 1 && floats) this.#change(pin, 0, 'outside');
    }
  }

  account(): DeviceAccount {
    return { bounces: this.#bounces };
  }

  #connect(pin: number, line: LineNumber, trigger: Trigger): void {
    this.#disconnect(pin);
    this.#wires.set(pin, { line, trigger });
    if (trigger === 'high' || trigger === 'low') this.#hold(pin);
  }

  #disconnect(pin: number): void {
    const wire = this.#wires.get(pin);
    this.#wires.delete(pin);
    if (wire?.trigger === 'high' || wire?.trigger === 'low') this.#board.hold(wire.line, false, `pin ${pin}`);
  }

  #hold(pin: number): void {
    const { line, trigger } = this.#wires.get(pin)!;
    this.#board.hold(line, (trigger === 'high') === (this.read(pin) === 1), `pin ${pin}`);
  }

  /** The level of a pin that nobody drives; undefined where no resistor says one. */
  #restingLevel(pin: number): Level | undefined {
    if (this.#outputs[pin] === 1) return undefined;
    const pull = this.#pulls[pin] === 'none' ? this.#fixedPulls[pin] : this.#pulls[pin];
    return pull === 'up' ? 1 : pull === 'down' ? 0 : undefined;
  }

  #settle(pin: number): void {
    if (this.#driven[pin] === 1) return;
    const level = this.#restingLevel(pin);
    if (level !== undefined) this.#change(pin, level, 'outside');
  }

  /** A change from outside, through a contact that may bounce. */
  #touch(pin: number, level: Level): void {
    const contact = this.#contacts.get(pin);
    const bounces = contact !== undefined && this.read(pin) !== level;
    if (contact !== undefined) {
      contact.alarm.cancel();
      contact.changes.length = 0;
    }
    this.#change(pin, level, 'outside');
    if (!bounces) return;
    contact.target = level;
    // An even number of changes more, so that the contact comes to rest where it was put.
    const count = 2 * (1 + (this.#random() % (MAX_BOUNCES / 2)));
    const now = this.#board.now();
    for (let at = 0; at < count; at++) contact.changes.push(now + 1 + (this.#random() % Math.max(1, contact.duration)));
    contact.changes.sort((one, other) => other - one);
    contact.alarm.at(contact.changes.at(-1)!);
  }

  #change(pin: number, level: Level, driver: 'guest' | 'outside'): void {
    if (this.#levels[pin] === level) return;
    this.#levels[pin] = level;
    this.#board.emit('pin', { pin, level, driver });
    const wire = this.#wires.get(pin);
    if (wire !== undefined) this.#signal(pin, wire, level);
    const listeners = this.#listeners.get(pin);
    if (listeners === undefined) return;
    const now = this.#board.now();
    for (const listener of listeners) listener(level, now);
  }

  #signal(pin: number, { line, trigger }: Wire, level: Level): void {
    if (trigger === 'high' || trigger === 'low') this.#hold(pin);
    else if (trigger === 'both' || (trigger === 'rising') === (level === 1)) this.#board.pend(line, `pin ${pin}`);
  }
}
