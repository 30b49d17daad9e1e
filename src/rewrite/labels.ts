/**
 * Nesting of blocks while a body is written anew, with blocks around and between those of the original: so that a branch of the
 * original still leads where it led. Labels count from the inside out; core specification 3.3 "Labels".
 */
export class Labels {
  /** For each open block of the original, its position in the new nesting. */
  readonly #positions: number[] = [];
  /** How many blocks of the original are open. */
  depth = 0;
  /** How many blocks are open in the new nesting. */
  height = 0;

  /** Begins where so many blocks are open, all of the original. */
  begin(depth: number): void {
    this.depth = this.height = 0;
    while (this.height < depth) this.open();
  }

  /** Opens a block of the original. */
  open(): void {
    this.#positions[this.depth++] = this.height++;
  }

  close(): void {
    this.depth--;
    this.height--;
  }

  /** Gives a label of the original to the innermost added block, until `unname`. */
  name(): void {
    this.#positions[this.depth++] = this.height - 1;
  }

  unname(): void {
    this.depth--;
  }

  /** What the label of an open block of the original is now, by its depth. */
  labelOf(depth: number): number {
    return this.height - 1 - this.#positions[depth]!;
  }
}
