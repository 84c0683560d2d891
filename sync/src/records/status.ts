/**
 * What a status says: a text on a colour, or one image or video of at most a minute with a caption that may be empty.
 *
 *     status = what u8: 0 text, 1 file | colour u8 (0 to 15, 0 of a file) | pointer of a file (media.ts) | text, UTF-8, to the end
 */
import { STATUS_LIMITS } from '../api-status.ts';
import { type ByteCursor, type ByteSink, Unreadable } from './cursor.ts';
import { unsigned } from './fields.ts';
import { POINTER, type MediaPointer } from './media.ts';

export interface StatusBody {
  readonly kind: 'status';
  /** Or the caption. */
  readonly text: string;
  readonly colour: number;
  readonly media?: MediaPointer;
}

const BYTE = unsigned(1);

/** Appends the body; throws RangeError for one that no decoder would accept. */
export function writeStatus(sink: ByteSink, body: StatusBody): void {
  const problem = problemWithStatus(body);
  if (problem !== undefined) throw new RangeError(problem);
  BYTE.write(sink, body.media === undefined ? 0 : 1);
  BYTE.write(sink, body.colour);
  if (body.media !== undefined) POINTER.write(sink, body.media);
  sink.utf8(body.text);
}

/** Reads the body to the end; throws {@link Unreadable}. */
export function readStatus(cursor: ByteCursor): StatusBody {
  const [what, colour] = [BYTE.read(cursor), BYTE.read(cursor)];
  if (what > 1) throw new Unreadable('a status of an unknown kind');
  const media = what === 1 ? { media: POINTER.read(cursor) } : {};
  const body: StatusBody = { kind: 'status', colour, ...media, text: cursor.utf8(cursor.left) };
  const problem = problemWithStatus(body);
  if (problem !== undefined) throw new Unreadable(problem);
  return body;
}

/** What is wrong with a status; undefined: nothing. */
export function problemWithStatus({ text, colour, media }: Omit<StatusBody, 'kind'>): string | undefined {
  if (text.length > STATUS_LIMITS.text) return 'text is too long';
  if (!Number.isInteger(colour) || colour < 0 || colour >= STATUS_LIMITS.colours) return 'no such colour';
  if (media === undefined) return text.trim() === '' ? 'text is empty' : undefined;
  if (colour !== 0) return 'a file has no colour';
  return isShowable(media) ? undefined : 'not an image or a short video';
}

/** An image, or a video that says that it is short, neither of them too large. */
export function isShowable({ kind, duration, size }: Pick<MediaPointer, 'kind' | 'duration' | 'size'>): boolean {
  if (size > STATUS_LIMITS.fileBytes) return false;
  return kind === 'image' || (kind === 'video' && duration !== undefined && duration <= STATUS_LIMITS.videoMs);
}
