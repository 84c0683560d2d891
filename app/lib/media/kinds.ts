/** What is what: how a chosen file is sent, and what of a received one may be shown. Names and types are only words. */
import { MEDIA_LIMITS, type MediaAbout, type MediaKind } from '@securechat/sync/api';

/** The only types that are drawn or played; everything else is a file to save. */
const SHOWN: Readonly<Record<Exclude<MediaKind, 'file'>, ReadonlySet<string>>> = {
  image: new Set(['image/webp', 'image/jpeg', 'image/png', 'image/gif', 'image/avif']),
  video: new Set(['video/mp4', 'video/webm', 'video/quicktime', 'video/ogg']),
  audio: new Set([
    'audio/mpeg',
    'audio/mp4',
    'audio/aac',
    'audio/ogg',
    'audio/webm',
    'audio/wav',
    'audio/x-wav',
    'audio/flac',
    'audio/x-m4a',
  ]),
  voice: new Set(['audio/webm', 'audio/ogg', 'audio/mp4']),
};

/** How it is shown: as what its sender says, when its type is one that is shown so; else as a file. */
export function shownAs({ kind, type }: Pick<MediaAbout, 'kind' | 'type'>): MediaKind {
  return kind !== 'file' && SHOWN[kind].has(baseType(type)) ? kind : 'file';
}

/** Without parameters such as codecs. */
export function baseType(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

/** As what a file that somebody chose is worth trying. */
export function kindOfFile({ type }: Pick<File, 'type'>): Exclude<MediaKind, 'voice'> {
  const base = baseType(type);
  if (base.startsWith('image/') && base !== 'image/svg+xml') return 'image';
  if (SHOWN.video.has(base)) return 'video';
  return SHOWN.audio.has(base) ? 'audio' : 'file';
}

/** The media type that a message says of a file. */
export function typeToSay(type: string): string {
  const base = baseType(type);
  return /^[\w.+-]+\/[\w.+-]+$/.test(base) && base.length <= MEDIA_LIMITS.type ? base : 'application/octet-stream';
}

// Control characters, what turns the direction of writing round, and what separates folders.
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/g;

/** A file's name without what could make it look like another or lead elsewhere; short enough for a message. */
export function nameToSay(name: string): string {
  const safe = name.replace(UNSAFE, '').trim();
  const encoder = new TextEncoder();
  const letters = [...safe];
  const ending = letters.slice(Math.max(0, letters.lastIndexOf('.')));
  const kept = ending.length <= 16 ? ending : [];
  const stem = letters.slice(0, letters.length - kept.length);
  while (stem.length > 0 && encoder.encode([...stem, ...kept].join('')).length > MEDIA_LIMITS.name) stem.pop();
  return [...stem, ...kept].join('');
}

/** What a document is, for its picture. */
export type FileLook = 'text' | 'archive' | 'sheet' | 'code' | 'audio' | 'video' | 'image' | 'other';

const LOOKS: readonly (readonly [FileLook, RegExp])[] = [
  ['text', /\.(pdf|docx?|odt|rtf|txt|md|pages|epub)$/i],
  ['archive', /\.(zip|7z|rar|t?gz|tar|bz2|xz)$/i],
  ['sheet', /\.(xlsx?|ods|csv|numbers)$/i],
  ['code', /\.([cm]?[jt]sx?|json|html?|css|py|rs|go|c|h|cpp|java|sh|xml|ya?ml|svg)$/i],
  ['audio', /\.(mp3|m4a|ogg|opus|flac|wav)$/i],
  ['video', /\.(mp4|m4v|mov|webm|mkv|avi)$/i],
  ['image', /\.(jpe?g|png|gif|webp|heic|tiff?|avif|bmp|psd|raw|dng)$/i],
];

export function lookOf({ name = '' }: Pick<MediaAbout, 'name'>): FileLook {
  return LOOKS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';
}
