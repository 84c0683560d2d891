/**
 * Descriptions with no other codec for pictures than VP8, which every browser has: how much of a frame its packetizer has to
 * read differs from codec to codec. Pure.
 */

/** The other sections of a description, and those that have no VP8, stay as they are. */
export function onlyVp8(sdp: string): string {
  return sdp
    .split(/^(?=m=)/m)
    .map((section) => (section.startsWith('m=video') ? keepVp8(section) : section))
    .join('');
}

function keepVp8(section: string): string {
  const vp8 = find(section, /^a=rtpmap:(\d+) VP8\/90000\r?$/gim);
  if (vp8.length === 0) return section;
  const again = vp8.flatMap((type) => find(section, new RegExp(`^a=fmtp:(\\d+) apt=${type}\\r?$`, 'gim')));
  const kept = new Set([...vp8, ...again]);
  return section
    .split(/(?<=\n)/)
    .map((line) => (line.startsWith('m=') ? keepTypes(line, kept) : line))
    .filter((line) => isKept(line, kept))
    .join('');
}

function find(section: string, pattern: RegExp): readonly string[] {
  return [...section.matchAll(pattern)].map((match) => match[1] ?? '');
}

/** `m=video PORT PROTOCOL TYPES…` */
function keepTypes(line: string, kept: ReadonlySet<string>): string {
  const [, start = line, types = '', end = ''] = /^(m=\S+ \S+ \S+)((?: \d+)*)(\s*)$/.exec(line) ?? [];
  const left = types.split(' ').filter((type) => kept.has(type));
  return `${[start, ...left].join(' ')}${end}`;
}

function isKept(line: string, kept: ReadonlySet<string>): boolean {
  const type = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line)?.[1];
  return type === undefined || kept.has(type);
}
