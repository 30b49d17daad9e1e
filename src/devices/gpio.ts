/**
 * General-purpose pins 0 … 255: a level each, driven by the guest (output) or from outside (input).
 * A pin may be wired to an interrupt line: an edge of its level pends the line.
 * First form: no pull-ups, no level triggering, no noise.
 */
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Board } from './device.ts';

export const PIN_COUNT = 256;

export type PinMode = 'input' | 'output';
export type Level = 0 | 1;
export type Edge = 'rising' | 'falling' | 'both';

interface Wire {
  readonly line: LineNumber;
  readonly edge: Edge;
}

export class Gpio {
  readonly #board: Board;
  readonly #levels = new Uint8Array(PIN_COUNT);
  readonly #outputs = new Uint8Array(PIN_COUNT);
  readonly #wires = new Map<number, Wire>();

  constructor(board: Board) {
    this.#board = board;
  }

  /** Makes edges of `pin` pend `line`. */
  wire(pin: number, line: LineNumber, edge: Edge): void {
    this.#wires.set(pin, { line, edge });
  }

  setMode(pin: number, mode: PinMode): void {
    this.#outputs[pin] = mode === 'output' ? 1 : 0;
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

  /** Something on the board drives the pin: a button, a sensor. */
  drive(pin: number, level: Level): void {
    this.#change(pin, level, 'outside');
  }

  #change(pin: number, level: Level, driver: 'guest' | 'outside'): void {
    if (this.#levels[pin] === level) return;
    this.#levels[pin] = level;
    this.#board.emit('pin', { pin, level, driver });
    const wire = this.#wires.get(pin);
    if (wire === undefined) return;
    if (wire.edge === 'both' || (wire.edge === 'rising') === (level === 1)) this.#board.pend(wire.line, `pin ${pin}`);
  }
}
