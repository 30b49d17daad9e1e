/** Blocks that are open while function-scan.ts reads a function. */
import { WirqError } from '../errors.ts';
import { maxNesting } from '../wasm/limits.ts';
import { badModule } from '../wasm/reader.ts';

export const noLabels: readonly number[] = [];

/** Reused from block to block: a large module has millions. */
class Frame {
  effect = 0;
  /** Which region the label belongs to: an index into the stack of regions. */
  region = 0;
  /** Greatest cost with which a branch reaches the end; −1 when none does. */
  reach = -1;
  /** Cost before the block: where an else begins. */
  entry = 0;
  catches = noLabels;
  /** As Instructions.index gives it; undefined for the function itself. */
  blockType: number | undefined = undefined;
  seenElse = false;
}

export class ScanFrames {
  /** How many blocks are open, that of the function among them. */
  open = 0;
  readonly #frames: Frame[] = [];

  /** Opens a block at that offset. */
  push(at: number, effect: number, region: number, entry: number): Frame {
    if (this.open >= maxNesting) {
      throw new WirqError('limit', `blocks nest deeper than ${maxNesting}`, { place: { offset: at } });
    }
    if (this.open === this.#frames.length) this.#frames.push(new Frame());
    const frame = this.#frames[this.open++]!;
    frame.effect = effect;
    frame.region = region;
    frame.reach = -1;
    frame.entry = entry;
    frame.catches = noLabels;
    frame.blockType = undefined;
    frame.seenElse = false;
    return frame;
  }

  pop(): Frame {
    return this.#frames[--this.open]!;
  }

  /** That of a label which stands at that offset. */
  at(label: number, offset: number): Frame {
    if (label >= this.open) throw badModule(`there is no label ${label} here`, offset);
    return this.#frames[this.open - 1 - label]!;
  }
}
