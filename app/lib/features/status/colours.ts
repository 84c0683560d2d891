/** The colours that a status of words may have. What is sent is the place in this list; it only ever grows. */

export const COLOURS = [
  '#3a4aa8',
  '#23673a',
  '#8f3f17',
  '#9a2458',
  '#0f6070',
  '#6733a6',
  '#3d4a58',
  '#a32420',
] as const;

/** The colour of a place, of an unknown one too: a later version may have more. White on it can be read. */
export function colourAt(place: number): string {
  return COLOURS[place % COLOURS.length] ?? COLOURS[0];
}
