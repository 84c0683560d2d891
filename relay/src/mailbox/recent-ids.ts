/**
 * The newest ids that were acked, so that a sender who repeats a post whose answer was lost does not cause a second delivery.
 * Bounded; for a device that is away, the store remembers the ids that were queued much longer.
 */
export class RecentIds {
  private readonly ids = new Set<string>();

  constructor(private readonly cap: number) {}

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    this.ids.add(id);
    if (this.ids.size <= this.cap) return;
    for (const oldest of this.ids) {
      this.ids.delete(oldest);
      return;
    }
  }
}
