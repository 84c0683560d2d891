/** How the ring around somebody's picture is cut into one arc for each status. Pure. */

/** Of a ring that is 100 long. */
export interface Arc {
  readonly start: number;
  readonly length: number;
}

/** The widest gap between two arcs. */
const GAP = 4;

/** Clockwise from the top. A single arc is the whole ring; many leave each other less of a gap. */
export function arcsOf(count: number): readonly Arc[] {
  if (count <= 1) return count === 1 ? [{ start: 0, length: 100 }] : [];
  const step = 100 / count;
  const gap = Math.min(GAP, step / 3);
  return Array.from({ length: count }, (_, i) => ({ start: i * step + gap / 2, length: step - gap }));
}
