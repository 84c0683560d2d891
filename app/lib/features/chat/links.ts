/** Finds the web addresses in a message. What is not http or https stays text. */
export type TextPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly href: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
/** Belongs to the sentence, not to the address. */
const TRAILING = '.,:;!?…。，、！？';

export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  const addText = (to: number): void => {
    if (to > at) parts.push({ type: 'text', text: text.slice(at, to) });
  };
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    if (!URL.canParse(address)) continue;
    addText(match.index);
    parts.push({ type: 'link', text: address, href: new URL(address).href });
    at = match.index + address.length;
  }
  addText(text.length);
  return parts;
}

/** Walks back from the end: linear, since anybody can send 8,000 dots. */
function trimAddress(found: string): string {
  const keepsBracket = found.includes('(');
  let end = found.length;
  while (end > 0 && (TRAILING.includes(found[end - 1] ?? '') || (found[end - 1] === ')' && !keepsBracket))) end -= 1;
  return found.slice(0, end);
}
