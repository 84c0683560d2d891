/** A benchmark's table as text for a person: words to the left, numbers to the right. */
import type { BenchTable } from './table.ts';

/** The table with aligned columns, its title above and its notes below. */
export function printTable({ title, columns, rows, notes = [] }: BenchTable): string {
  const lines = [columns, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isNumber = columns.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const print = (line: readonly string[]) =>
    line
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = lines;
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, '', print(head), rule, ...body.map(print), ...notes.map((note) => `note: ${note}`), ''].join('\n');
}
