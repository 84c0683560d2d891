/** The dark modules of a QR code as one SVG path: a run of modules in a row is one rectangle. */
export function qrPath(modules: readonly (readonly boolean[])[]): { side: number; path: string } {
  const runs = modules.flatMap((row, y) =>
    rowRuns(row).map(([x, length]) => `M${String(x)} ${String(y)}h${String(length)}v1h-${String(length)}z`),
  );
  return { side: modules.length, path: runs.join('') };
}

function rowRuns(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (dark && last && last[0] + last[1] === x) last[1] += 1;
    else if (dark) runs.push([x, 1]);
  });
  return runs;
}
