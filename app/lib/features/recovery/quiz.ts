/** Which words of a phrase are asked for. Pure but for the `random` that it is given (0..1). */
export function pickQuestions(words: number, count: number, random: () => number): number[] {
  const left = Array.from({ length: words }, (_none, i) => i);
  const picked = Array.from({ length: Math.min(count, words) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  );
  return picked.flat().sort((a, b) => a - b);
}
