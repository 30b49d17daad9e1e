/** Markdown tables with columns padded, so that they read as well in a terminal as in a document. */

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(3, column.title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = columns.map((column, index) => {
      const cell = cells[index] ?? '';
      const width = widths[index]!;
      return column.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = columns.map((column, index) => {
    const dashes = '-'.repeat(widths[index]! - 1);
    return column.align === 'right' ? `${dashes}:` : `${dashes}-`;
  });
  return [line(columns.map((column) => column.title)), line(rule), ...rows.map(line)].join('\n');
}

/** A ratio as the tables show it; `-` where there is none. */
export function ratioCell(ratio: number | undefined): string {
  return ratio === undefined ? '-' : ratio.toFixed(3);
}
