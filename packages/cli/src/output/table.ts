import { printableLine } from "./printable.js";

/** Rows as columns, two spaces between them. Cells are made fit for a terminal here; colour them with `paint`. */
export function table(
  rows: readonly (readonly string[])[],
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const cells = rows.map((row) => row.map(printableLine));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return cells
    .map((row, rowIndex) =>
      row
        .map((cell, column) => {
          const isLast = column === row.length - 1;
          const padding = isLast ? "" : " ".repeat((widths[column] ?? 0) - cell.length + 2);
          return paint(cell, rowIndex, column) + padding;
        })
        .join(""),
    )
    .join("\n");
}
