/**
 * Which line of which file a byte of code comes from, by the module's `.debug_line` section. DWARF 2 to 5, 6.2 "Line Number
 * Information"; addresses count from the contents of the code section ("DWARF for WebAssembly", 2). Reading makes an index of
 * sequences only (a compiler writes about one a function), and a lookup runs the program of one of them, so that memory stays in
 * proportion whatever the section holds. Left out: inlined calls (`.debug_info`), and files that are defined midway.
 */
import { WirqError } from '../errors.ts';
import { fileName, type LineUnit, nextUnit, readLineUnit } from './debug-line-unit.ts';
import { DwarfReader } from './dwarf-reader.ts';
import * as limits from './limits.ts';
import { type Module, sectionIds } from './module.ts';

export interface SourcePosition {
  /** As the compiler was given it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; undefined when unknown. */
  readonly column?: number | undefined;
}

/** Sequences that begin before an address without reaching it are passed over, but not more than these: they do not overlap. */
const maxPassedOver = 8;

/** A module's line table. What cannot be read is left out, and `problem` says so: bad debug information is none. */
export class DebugLine {
  /** Of the units, in rising order. */
  readonly versions: readonly number[];
  /** What was wrong with the section, if anything. */
  readonly problem: string | undefined;
  readonly #module: Module;
  readonly #section: { readonly body: number; readonly end: number };
  readonly #codeStart: number;
  /** Sequences by rising address: first address, address behind the last, offset of the program, offset of the unit. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #program: Float64Array;
  readonly #unit: Float64Array;

  /** Undefined for a module without a line table, or without code. */
  static of(module: Module): DebugLine | undefined {
    const section = module.sections.find((each) => each.id === sectionIds.custom && each.name === '.debug_line');
    const code = module.sections.find((each) => each.id === sectionIds.code);
    if (section === undefined || code === undefined) return undefined;
    return new DebugLine(module, section, code);
  }

  private constructor(module: Module, section: { body: number; end: number }, code: { body: number; end: number }) {
    this.#module = module;
    this.#section = section;
    this.#codeStart = code.body;
    const index = new SequenceIndex(module, section, code.end - code.body);
    this.versions = [...index.versions].sort((a, b) => a - b);
    this.problem = index.problem;
    const order = Float64Array.from(index.low.keys()).sort((a, b) => index.low[a]! - index.low[b]!);
    this.#low = order.map((i) => index.low[i]!);
    this.#high = order.map((i) => index.high[i]!);
    this.#program = order.map((i) => index.program[i]!);
    this.#unit = order.map((i) => index.unit[i]!);
  }

  /** The number of sequences: about one for each function that has lines. */
  get sequences(): number {
    return this.#low.length;
  }

  /** `offset` is that of an instruction in the file. Undefined where the table does not say. */
  find(offset: number): SourcePosition | undefined {
    const address = offset - this.#codeStart;
    try {
      return this.#find(address);
    } catch (error) {
      if (error instanceof WirqError) return undefined;
      throw error;
    }
  }

  #find(address: number): SourcePosition | undefined {
    let low = 0;
    let high = this.#low.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#low[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0 && i >= low - maxPassedOver; i--) {
      if (address < this.#high[i]!) return this.#findIn(i, address);
    }
    return undefined;
  }

  #findIn(sequence: number, address: number): SourcePosition | undefined {
    const section = new DwarfReader(this.#module.bytes, this.#unit[sequence]!, this.#section.end);
    const { reader, wide } = nextUnit(section);
    const unit = readLineUnit(reader, wide);
    const machine = new LineMachine(this.#module.bytes, unit, this.#program[sequence]!);
    let row: { file: number; line: number; column: number } | undefined;
    while (machine.next() === 'row' && machine.address <= address) {
      row = { file: machine.file, line: machine.line, column: machine.column };
    }
    // Line 0 says that the code comes from no line: the compiler made it.
    if (row === undefined || !(row.line >= 1 && row.line <= 0xffff_ffff)) return undefined;
    const file = fileName(this.#module, unit, row.file);
    if (file === undefined) return undefined;
    return row.column === 0 ? { file, line: row.line } : { file, line: row.line, column: row.column };
  }
}

/** One pass over the whole section: where the sequences are that speak of code. */
class SequenceIndex {
  readonly low: number[] = [];
  readonly high: number[] = [];
  readonly program: number[] = [];
  readonly unit: number[] = [];
  readonly versions = new Set<number>();
  problem: string | undefined;

  constructor(module: Module, section: { body: number; end: number }, codeBytes: number) {
    if (section.end - section.body > limits.maxDebugLineBytes) {
      this.problem = `it is larger than ${limits.maxDebugLineBytes} bytes`;
      return;
    }
    const reader = new DwarfReader(module.bytes, section.body, section.end);
    while (!reader.done && this.low.length <= limits.maxFunctions) {
      const at = reader.offset;
      // Without its length the next unit cannot be found; a unit that cannot be read is passed over.
      const unit = this.#attempt(() => nextUnit(reader));
      if (unit === undefined) return;
      this.#attempt(() => this.#addUnit(module, at, readLineUnit(unit.reader, unit.wide), codeBytes));
    }
    if (this.low.length > limits.maxFunctions) this.problem = `it has over ${limits.maxFunctions} sequences`;
  }

  #attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof WirqError)) throw error;
      const at = error.place?.offset;
      this.problem ??= at === undefined ? error.message : `${error.message} (offset 0x${at.toString(16)})`;
      return undefined;
    }
  }

  #addUnit(module: Module, at: number, unit: LineUnit, codeBytes: number): void {
    this.versions.add(unit.version);
    const machine = new LineMachine(module.bytes, unit, unit.start);
    while (!machine.done && this.low.length <= limits.maxFunctions) {
      const start = machine.offset;
      if (machine.next() !== 'row') continue;
      const low = machine.address;
      let last = machine.next();
      while (last === 'row') last = machine.next();
      // The linker leaves the lines of functions that it dropped at an address where no code is: 0, or the greatest there is.
      const isCode = low > 0 && low < machine.address && machine.address <= codeBytes;
      if (last !== 'end' || !isCode) continue;
      if (machine.offset - start > limits.maxDebugUnitBytes) {
        this.problem ??= `the lines of one function take over ${limits.maxDebugUnitBytes} bytes`;
        continue;
      }
      this.low.push(low);
      this.high.push(machine.address);
      this.program.push(start);
      this.unit.push(at);
    }
  }
}

/** The state machine of a line program: the registers are the fields. */
class LineMachine extends DwarfReader {
  address = 0;
  file = 1;
  line = 1;
  column = 0;
  readonly #unit: LineUnit;
  #ended = false;

  constructor(bytes: Uint8Array, unit: LineUnit, start: number) {
    super(bytes, start, unit.end);
    this.#unit = unit;
  }

  /**
   * Runs to the next row. `end` is the row that ends a sequence: `address` is the one behind it. `done`: the program ended.
   * A sequence begins with fresh registers.
   */
  next(): 'row' | 'end' | 'done' {
    if (this.#ended) this.#reset();
    const { opcodeBase, lineBase, lineRange, minimumInstructionLength } = this.#unit;
    while (!this.done) {
      const opcode = this.u8();
      if (opcode >= opcodeBase) {
        const adjusted = opcode - opcodeBase;
        this.address += minimumInstructionLength * Math.floor(adjusted / lineRange);
        this.line += lineBase + (adjusted % lineRange);
        return 'row';
      }
      if (opcode === 0) {
        if (!this.#extended()) continue;
        this.#ended = true;
        return 'end';
      }
      if (this.#standard(opcode)) return 'row';
    }
    return 'done';
  }

  #reset(): void {
    this.address = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
    this.#ended = false;
  }

  /** @returns whether the sequence ends. */
  #extended(): boolean {
    const length = this.uleb();
    const start = this.offset;
    this.skip(length);
    if (length === 0) return false;
    const opcode = this.bytes[start]!;
    if (opcode === 2 && length <= 9) {
      this.address = new DwarfReader(this.bytes, start + 1, start + length).fixed(length - 1);
    }
    return opcode === 1;
  }

  /** @returns whether there is a row. */
  #standard(opcode: number): boolean {
    const { minimumInstructionLength, lineRange, opcodeBase, operandCounts } = this.#unit;
    switch (opcode) {
      case 1: // copy
        return true;
      case 2: // advance_pc
        this.address += minimumInstructionLength * this.uleb();
        return false;
      case 3: // advance_line
        this.line += this.sleb();
        return false;
      case 4: // set_file
        this.file = this.uleb();
        return false;
      case 5: // set_column
        this.column = this.uleb();
        return false;
      case 8: // const_add_pc
        this.address += minimumInstructionLength * Math.floor((255 - opcodeBase) / lineRange);
        return false;
      case 9: // fixed_advance_pc
        this.address += this.fixed(2);
        return false;
      default:
        for (let i = operandCounts[opcode - 1]!; i > 0; i--) this.uleb();
        return false;
    }
  }
}
