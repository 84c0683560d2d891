/**
 * What a page of memory costs that a process did not have before: most where the machine is a guest of another, which then looks it up,
 * too, and next to nothing on a computer of one's own.
 */
import { median } from '../table.ts';

const PAGE_BYTES = 4096;
const PAGES = 16_384;
const TRIES = 5;

/** Microseconds, of this process and now. */
export function costOfNewPage(): number {
  return median(Array.from({ length: TRIES }, newPages)) / PAGES;
}

/** Of touching all of them once, without what touching them again takes. */
function newPages(): number {
  const bytes = new Uint8Array(PAGES * PAGE_BYTES);
  const [first, again] = [touched(bytes), touched(bytes)];
  return (first - again) * 1000;
}

function touched(bytes: Uint8Array): number {
  const start = performance.now();
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) bytes[at] = 1;
  return performance.now() - start;
}
