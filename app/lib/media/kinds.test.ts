import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kindOfFile, lookOf, nameToSay, shownAs, typeToSay } from './kinds.ts';

it('shows only what it was sent as, and of types that are no documents', () => {
  expect(shownAs({ kind: 'image', type: 'image/webp' })).toBe('image');
  expect(shownAs({ kind: 'video', type: 'video/mp4; codecs=avc1' })).toBe('video');
  for (const type of ['image/svg+xml', 'text/html', 'application/xhtml+xml', 'application/pdf', '', 'video/mp4'])
    expect(shownAs({ kind: 'image', type }), type).toBe('file');
  expect(shownAs({ kind: 'file', type: 'image/png' })).toBe('file');
});

it('sends pictures as pictures, but drawings that can hold scripts as files', () => {
  expect(kindOfFile({ type: 'image/heic' })).toBe('image');
  expect(kindOfFile({ type: 'image/svg+xml' })).toBe('file');
  expect(kindOfFile({ type: 'video/mp4' })).toBe('video');
  expect(kindOfFile({ type: 'audio/mpeg' })).toBe('audio');
  expect(kindOfFile({ type: '' })).toBe('file');
});

it('says no media type that is none', () => {
  expect(typeToSay('Text/Plain; charset=utf-8')).toBe('text/plain');
  expect(typeToSay('')).toBe('application/octet-stream');
  expect(typeToSay('<b>/x')).toBe('application/octet-stream');
});

it('cleans names of paths, of control characters and of what turns writing round', () => {
  expect(nameToSay('../../etc/passwd')).toBe('....etcpasswd');
  expect(nameToSay('photo\u202egpj.exe')).toBe('photogpj.exe');
  expect(nameToSay(`${'ä'.repeat(300)}.pdf`)).toMatch(/^ä+\.pdf$/);
});

it('names never exceed what a message holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (name) => {
      const said = nameToSay(name);
      expect(new TextEncoder().encode(said).length).toBeLessThanOrEqual(255);
      expect(/[/\\\u0000\u202e]/.test(said)).toBe(false); // eslint-disable-line no-control-regex
    }),
  );
});

it('knows a document by its ending', () => {
  expect(lookOf({ name: 'a.PDF' })).toBe('text');
  expect(lookOf({ name: 'a.tar.gz' })).toBe('archive');
  expect(lookOf({})).toBe('other');
});
