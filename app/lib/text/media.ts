import type {
  ChatSummary,
  MediaAbout,
  MediaFailure,
  MediaKind,
  MediaState,
  Sending,
  SendingFailure,
} from '@securechat/sync/api';
import { describeCallEvent } from './calls.ts';
import { formatBytes, formatDuration } from './dates.ts';
import { poll } from './polls.ts';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const pick = {
  media: 'Photo or video',
  camera: 'Camera',
  file: 'File',
  voice: 'Voice message',
  drop: 'Drop to send',
  dropHint: 'You can look at everything once more before it goes.',
};

export const tray = {
  title: (count: number) => (count === 1 ? 'Send 1 file' : `Send ${String(count)} files`),
  items: 'What is sent, in order',
  item: (place: number, count: number, what: string) => `${String(place)} of ${String(count)}: ${what}`,
  preparing: 'Preparing…',
  earlier: 'Move forward',
  later: 'Move back',
  remove: 'Take out',
  more: 'Add more',
  caption: 'Caption',
  captionHint: 'Add a caption…',
  quality: 'Picture quality',
  qualities: { standard: 'Standard', high: 'High', original: 'Original' },
  qualityHint: 'Where a picture was taken, with what and when is taken out in each of them.',
  viewOnce: 'View once',
  viewOnceHint: 'It can be opened once and is gone then. Whoever sees it can still photograph the screen.',
  total: (size: string) => `${size} in all`,
  send: 'Send',
  tooMany: (limit: number) => `A message takes at most ${String(limit)} files. The others were left out.`,
  failures: {
    Empty: 'This file is empty.',
    TooLarge: (limit: string) => `Too large: at most ${limit}.`,
    ImageTooLarge: 'This picture is too large to be cleaned in a browser.',
    NotAnImage:
      'This browser cannot read this picture, so it cannot take out where it was taken. Choose “File” to send it with everything in it.',
    Unreadable: 'This file cannot be read, or not as what it says it is.',
  },
};

export const media = {
  kinds: {
    image: 'Photo',
    video: 'Video',
    audio: 'Audio',
    voice: 'Voice message',
    file: 'File',
  } satisfies Record<MediaKind, string>,
  album: (count: number) => `Album of ${String(count)}`,
  open: (what: string, place: number, count: number) =>
    count === 1 ? `Open ${what}` : `Open ${what}, ${String(place)} of ${String(count)}`,
  more: (count: number) => `+${String(count)}`,
  download: (size: string) => `Download ${size}`,
  cancel: 'Cancel download',
  loading: 'Downloading',
  loaded: (done: string, total: string) => `${done} of ${total}`,
  save: 'Save',
  saved: 'Saved',
  retry: 'Try again',
  ask: 'Ask the sender’s devices',
  askShort: 'Ask',
  askHint: 'Whoever still has it, among the sender’s devices, yours and the others in the chat, uploads it again.',
  asked: {
    asking: 'Asking…',
    waiting: 'Nobody on line has it yet. They are asked again.',
  } satisfies Record<NonNullable<MediaState['asked']>, string>,
  stopAsking: 'Stop asking',
  play: 'Play',
  pause: 'Pause',
  position: 'Position',
  speed: (rate: string) => `Speed: ${rate}`,
  cannotPlay: 'This browser cannot play it. Save it, and open it with another app.',
  once: {
    closed: 'Tap to view once',
    mine: 'View once',
    mineHint: 'Sent to be viewed once',
    opened: 'Opened',
    title: 'View once',
    gone: 'Gone when you close it.',
  },
  failures: {
    Expired: 'The storage server does not have it any more.',
    Unavailable: 'The storage server cannot be reached.',
    StorageFull: 'This device is full.',
    WrongBlob: 'What the server gave is another file. It is not shown.',
    ReplayedBlob: 'The server gave an old file in its place. It is not shown.',
    ChunkDamaged: 'It was damaged on the way. It is not shown.',
    Truncated: 'A part of it is missing. It is not shown.',
    TrailingBytes: 'Something was added to it. It is not shown.',
    NotAsAnnounced: 'It is not what was announced. It is not shown.',
  } satisfies Record<MediaFailure, string>,
};

export const sending = {
  region: 'On the way',
  pause: 'Pause',
  resume: 'Go on',
  retry: 'Try again',
  cancel: 'Cancel',
  progress: 'Sending',
  states: {
    sealing: 'Encrypting…',
    waiting: 'Waiting for a connection',
    uploading: 'Sending…',
    paused: 'Paused',
    failed: 'Not sent',
  } satisfies Record<Sending['state'], string>,
  failures: {
    QuotaExceeded:
      'Your space on the storage server is used up. Delete something you sent, or wait until old files expire.',
    TooLarge: 'This is too large for the storage server.',
    DiskFull: 'The storage server is full for now.',
    TokenInvalid: 'The storage server does not accept the relay’s permission. Ask whoever runs it.',
    TooManyUnfinished: 'Too many uploads are unfinished. It goes on when others are done.',
    StorageFull: 'This device is full. Free some space and try again.',
    NoStorage: 'This relay has no storage server, so it carries messages only.',
    Refused: 'Nothing can be sent to this chat any more.',
    Unavailable: 'The storage server cannot be reached. It goes on by itself.',
  } satisfies Record<SendingFailure, string>,
};

export const gallery = {
  title: 'Pictures and videos',
  close: 'Close',
  previous: 'Previous',
  next: 'Next',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  save: 'Save',
  forward: 'Forward',
  place: (at: number, count: number) => `${String(at)} of ${String(count)}`,
};

export const voice = {
  record: 'Record a voice message',
  stop: 'Stop',
  send: 'Send voice message',
  discard: 'Discard',
  recording: 'Recording',
  slide: 'Slide to cancel, up to lock',
  lock: 'Locked: keeps recording',
  longest: (minutes: number) => `A voice message has at most ${String(minutes)} minutes.`,
  denied: 'The browser does not let SecureChat use the microphone. Allow it in the site’s settings.',
  none: 'There is no microphone here.',
  failed: 'The recording did not work. Try again.',
};

export const forward = {
  item: 'Forward',
  title: 'Forward to',
  search: 'Search chats',
  send: (count: number) => (count === 0 ? 'Forward' : `Forward to ${String(count)} ${plural(count, 'chat', 'chats')}`),
  done: (count: number) => `Forwarded to ${String(count)} ${plural(count, 'chat', 'chats')}`,
  show: 'Show',
  mark: 'Forwarded',
};

export const storage = {
  title: 'Storage',
  hint: 'What photos, videos and files take on this device',
  used: 'Photos, videos and files',
  usedHint: (total: string, limit: string) => `${total}, at most ${limit}`,
  sending: (size: string) => `${size} not sent yet: it stays until it is.`,
  byChat: 'By chat',
  nothing: 'No files on this device.',
  free: 'Free',
  freeChat: (title: string) => `Free what ${title} takes`,
  freeAll: 'Free all',
  freeTitle: (title: string | undefined) =>
    title === undefined ? 'Free the space of all files?' : `Free the space of “${title}”?`,
  freeText:
    'Messages stay. Photos, videos and files go from this device and can be downloaded again as long as the storage server has them.',
  freed: (size: string) => `${size} freed`,
  limit: 'Keep at most',
  limitHint: 'What was not looked at for the longest goes first.',
  auto: 'Download by itself',
  autoHint: 'Larger ones wait until you ask for them.',
  autoKinds: { images: 'Photos', audio: 'Voice and audio', video: 'Videos', files: 'Files' },
  never: 'Never',
  upTo: (size: string) => `Up to ${size}`,
  always: 'Always',
  gone: 'A chat that is gone',
};

/** "Photo", "Video, 0:12", "report.pdf, 1.2 MB": read out, and where there is no room for the thing itself. */
export function describeMedia({ kind, name, size, duration }: Omit<MediaAbout, 'type'>): string {
  const length = duration === undefined || duration === 0 ? [] : [formatDuration(duration)];
  if (kind === 'file') return [name ?? media.kinds.file, formatBytes(size)].join(', ');
  return [name ?? media.kinds[kind], ...length].join(', ');
}

/** All of a message in a line: "3 photos", or what the first is and how many more. */
export function describeAll(items: readonly MediaAbout[]): string {
  const [first] = items;
  if (!first) return '';
  if (items.length === 1) return first.kind === 'file' ? (first.name ?? media.kinds.file) : describeMedia(first);
  if (items.every(({ kind }) => kind === 'image')) return `${String(items.length)} photos`;
  if (items.every(({ kind }) => kind === 'video')) return `${String(items.length)} videos`;
  return `${describeMedia(first)} ${media.more(items.length - 1)}`;
}

/** The line of a chat in the list: "Photo", "3 × Photo, with the caption", the text alone. */
export function describePreview({
  text,
  kind,
  media: files,
  viewOnce,
  call,
}: NonNullable<ChatSummary['preview']>): string {
  if (call) return describeCallEvent(call);
  if (kind === 'poll') return poll.preview(text);
  if (viewOnce) return media.once.mine;
  if (!files) return text;
  const what = files.count === 1 ? media.kinds[files.kind] : `${String(files.count)} × ${media.kinds[files.kind]}`;
  return text === '' ? what : `${what}, ${text}`;
}
