/** The words of a recovery phrase as people paste and type them. Pure. Which words there are is the engine's affair. */
export const PHRASE_LENGTH = 12;

/** The words in a text, also of a numbered list. */
export function splitWords(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}]+/u)
    .filter(Boolean);
}

/** `words` with those of `text` written over from `index` on; a whole phrase goes to the beginning. */
export function fillWords(words: readonly string[], index: number, text: string): { words: string[]; next: number } {
  const typed = splitWords(text);
  const from = typed.length >= PHRASE_LENGTH ? 0 : index;
  const fitting = typed.slice(0, PHRASE_LENGTH - from);
  const filled = words.map((word, i) => fitting[i - from] ?? word);
  return { words: filled, next: Math.min(PHRASE_LENGTH - 1, from + fitting.length) };
}
