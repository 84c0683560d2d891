import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLinks } from './links.ts';

const links = (text: string): string[] => splitLinks(text).flatMap((part) => (part.type === 'link' ? [part.text] : []));

describe('web addresses in a message', () => {
  it.each([
    ['see https://example.org.', ['https://example.org']],
    ['(https://example.org/a)', ['https://example.org/a']],
    ['https://en.example.org/wiki/A_(b)', ['https://en.example.org/wiki/A_(b)']],
    ['https://a.example/?q=1&r=2#x, and http://b.example!', ['https://a.example/?q=1&r=2#x', 'http://b.example']],
    ['见 https://example.org/路径。', ['https://example.org/路径']],
  ])('%s', (text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'xhttps://example.org',
    'https://',
    'example.org',
  ])('leaves %s as text', (text) => {
    expect(links(text)).toEqual([]);
  });

  it('takes no longer for a hostile message than for any other', () => {
    expect(links(`https://example.org/${'.'.repeat(7_900)}`)).toEqual(['https://example.org/']);
    expect(links(`https://example.org/${')'.repeat(7_900)}`)).toEqual(['https://example.org/']);
  });

  it('never loses or adds a character, and links only to http and https', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.constantFrom('https://', ' ', '(', ')', '.', 'javascript:'),
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          const parts = splitLinks(text);
          expect(parts.map((part) => part.text).join('')).toBe(text);
          for (const part of parts) if (part.type === 'link') expect(part.href).toMatch(/^https?:\/\//);
        },
      ),
      { seed: 20260, numRuns: 200 },
    );
  });
});
