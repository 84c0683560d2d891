/** Finds the web addresses in a message. What is not http or https stays text. */
export type TextPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly href: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
/** Belongs to the sentence, not to the address. */
const TRAILING = /[.,:;!?…。，、！？]+$/u;

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

function trimAddress(found: string): string {
  const address = found.replace(TRAILING, '');
  const isUnpaired = address.endsWith(')') && !address.includes('(');
  return isUnpaired ? trimAddress(address.slice(0, -1)) : address;
}
