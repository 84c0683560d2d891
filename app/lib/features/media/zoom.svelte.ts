/** How closely a picture is looked at, and where. */

const MOST = 6;
const STEP = 1.5;

export type Point = { readonly x: number; readonly y: number };

export class Zoom {
  scale = $state(1);
  x = $state(0);
  y = $state(0);

  get transform(): string {
    return `translate(${String(this.x)}px, ${String(this.y)}px) scale(${String(this.scale)})`;
  }

  reset(): void {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
  }

  in(): void {
    this.to(this.scale * STEP);
  }

  out(): void {
    this.to(this.scale / STEP);
  }

  /** `around` stays in its place: measured from the middle. */
  to(scale: number, around: Point = { x: 0, y: 0 }): void {
    const next = Math.min(MOST, Math.max(1, scale));
    const change = next / this.scale;
    this.x = around.x - (around.x - this.x) * change;
    this.y = around.y - (around.y - this.y) * change;
    this.scale = next;
    if (next === 1) this.reset();
  }

  pan(by: Point): void {
    this.x += by.x;
    this.y += by.y;
  }
}
