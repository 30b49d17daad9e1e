/** Volts and baud as text with their units (`1.65V`, `300mV`, `115200Bd`); a bare number is refused, as everywhere. */

/** Volts; undefined when the text is not a number with a unit of voltage. */
export function parseVolts(text: string): number | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)\s*(V|mV)$/.exec(text.trim());
  if (match === null) return undefined;
  const number = Number(match[1]);
  return match[2] === 'mV' ? number / 1000 : number;
}

/** Whole bits per second; undefined when the text is not a whole number of baud. */
export function parseBaud(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(k|M)?Bd$/.exec(text.trim());
  if (match === null) return undefined;
  const scale = match[2] === 'M' ? 1e6 : match[2] === 'k' ? 1e3 : 1;
  const baud = Number(match[1]) * scale;
  return Number.isInteger(baud) ? baud : undefined;
}
