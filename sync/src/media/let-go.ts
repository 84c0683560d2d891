/**
 * Gives the memory of these bytes back at once, where the platform can: the garbage of a large file makes the collector run all the
 * time, which costs more than sealing it. Whoever else sees the same buffer sees it empty.
 */
export function letGo(bytes: Uint8Array): void {
  // ES2024; not in every platform yet.
  const buffer = bytes.buffer as { transfer?: (length: number) => unknown };
  buffer.transfer?.(0);
}
