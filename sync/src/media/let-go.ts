/**
 * Nobody is at the other end. What is transferred to it is freed with the message, which is at once; the platform's own `transfer` leaves a
 * browser's memory to a collector that does not run for it.
 */
const NOWHERE = deadEnd();

/**
 * Gives the memory of these bytes back at once: the garbage of a large file makes the collector run all the time, and a page
 * of memory that a process did not have before costs more than sealing what lies in it. Whoever else sees the same buffer sees
 * it empty.
 */
export function letGo(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer) NOWHERE.postMessage(undefined, [buffer]);
}

function deadEnd(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
