/** The disk that a folder is on. */
import { statfs } from 'node:fs/promises';

/** Bytes that may still be written there. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
