/**
 * Text for a terminal: colour where it is wanted, and the guest's own words made harmless.
 * Names and output come from the firmware and may hold escape sequences (ECMA-48) that would command the terminal.
 * Whether to colour at all (NO_COLOR, a pipe) is the command line's decision.
 */

/** ECMA-48 SGR parameters, of the eight colours that every terminal has. */
const STYLES = { red: '31', green: '32', yellow: '33', blue: '34', cyan: '36', bold: '1', dim: '2' } as const;

export type Style = keyof typeof STYLES;
export type Paint = (style: Style, text: string) => string;

export function painter(color: boolean): Paint {
  return color ? (style, text) => (text === '' ? '' : `\x1b[${STYLES[style]}m${text}\x1b[0m`) : (_style, text) => text;
}

/** The text on one line, with control characters (C0, DEL, C1) and line separators as escapes. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[control];
    return short ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same for text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** The same in double quotes, so that blanks at its ends show. */
export function quoted(text: string): string {
  return `"${printable(text.replace(/["\\]/g, (character) => `\\${character}`))}"`;
}
