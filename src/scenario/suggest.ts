/**
 * The nearest known spelling of a misspelt word: "did you mean 'wait-serial'?".
 * Optimal string alignment distance (Damerau–Levenshtein in which no part of a word is edited twice), ignoring case.
 * Leaves out any notion of keyboard layout or word frequency: the lists it searches are short.
 */

/** Longer words are not looked up: nothing known is that long, and the comparison is quadratic. */
const LONGEST_WORD = 64;

/** More names than this are not listed in an error message. */
const MOST_LISTED = 16;

/**
 * The number of single-letter insertions, deletions, replacements and swaps of neighbours between two words.
 *
 * @example editDistance('tiemout', 'timeout') // 1
 */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length]!;
}

/**
 * The known word closest to `word`, or undefined when none is close: at most one edit in three letters.
 * Of equally close words the first listed wins.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (candidate.length > LONGEST_WORD) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The sentence of advice for an unknown word: the nearest known one, else the list of all.
 *
 * @param what What the known words are, in the plural: `keys`, `lines`.
 * @example suggest('dealy', ['delay', 'irq'], 'steps') // "did you mean 'delay'?"
 */
export function suggest(word: string, known: Iterable<string>, what: string): string {
  const names = [...known];
  const close = nearest(word, names);
  if (close !== undefined) return `did you mean '${close}'?`;
  if (names.length === 0) return `no ${what} are named here`;
  const more = names.length > MOST_LISTED ? `, and ${names.length - MOST_LISTED} more` : '';
  return `known ${what}: ${names.slice(0, MOST_LISTED).join(', ')}${more}`;
}

/** A user's text for an error message: in quotes, on one line, and cut when long. */
export function quote(text: string): string {
  return `'${brief(text)}'`;
}

/** The same without the quotes, for numbers. */
export function brief(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return cut.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
