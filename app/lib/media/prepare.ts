/** What the page and its worker for media say to each other. */
import type { Result } from '@securechat/sync/api';
import type { Bytes } from './bytes.ts';

/** standard, high: drawn anew, so many pixels along the longer edge. original: as it is, without what is said about it. */
export type Quality = 'standard' | 'high' | 'original';

/** NotAnImage: nothing that this browser draws, so that it could not be cleaned. */
export type ImageFailure = 'NotAnImage' | 'TooLarge' | 'Unreadable';

export interface PreparedImage {
  readonly content: Blob;
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly thumbnail: Bytes;
}

/** Each task by its name: what it takes and what it answers. */
export interface Tasks {
  image: { readonly input: { file: Blob; quality: Quality }; readonly output: Result<PreparedImage, ImageFailure> };
  /** A file that is sent as a file: without what is said about it if it is a picture that can be cleaned, else as it is. */
  file: { readonly input: { file: Blob }; readonly output: Blob };
  /** A film: the same with blanked descriptions; undefined when it cannot be understood. */
  film: { readonly input: { file: Blob }; readonly output: Blob | undefined };
  thumbnail: { readonly input: { frame: ImageBitmap }; readonly output: Bytes };
  peaks: { readonly input: { samples: Float32Array<ArrayBuffer> }; readonly output: Bytes };
}

export type TaskName = keyof Tasks;

export interface Order<K extends TaskName = TaskName> {
  readonly id: number;
  readonly name: K;
  readonly input: Tasks[K]['input'];
}

export interface Done<K extends TaskName = TaskName> {
  readonly id: number;
  /** Absent: the task threw. */
  readonly output?: Tasks[K]['output'];
  readonly failed?: true;
}
