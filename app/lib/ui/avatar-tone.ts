/** What an avatar without a picture shows. */

const TONES = 8;

/** A number in 0..7 that an id always maps to. */
export function toneOf(seed: string): number {
  let hash = 0;
  for (const char of seed) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % TONES;
}

/** First letters of the first and last word; whole grapheme clusters, so an emoji stays one. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return (
    ends
      .map((word) => firstGrapheme(word ?? ''))
      .join('')
      .toLocaleUpperCase() || '?'
  );
}

function firstGrapheme(word: string): string {
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)) return segment;
  return '';
}
