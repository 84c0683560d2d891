import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, join, viewOf } from './bytes.ts';
import { exifOf, orientationOf } from './exif.ts';
import { imageTypeOf, isAnimated, stripImage } from './image-type.ts';

const CANARY = 'GPS-canary-48.8584N';

function u32(value: number, little = false): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, little);
  return bytes;
}

const hasCanary = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes(CANARY);

/** An Exif block that says how to turn the picture, and where it was taken. */
const exif = (orientation: 1 | 6): Uint8Array => join([exifOf(orientation), ascii(CANARY)]);

function segment(marker: number, data: Uint8Array): Uint8Array {
  return join([Uint8Array.of(0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff), data]);
}

const CODED = Uint8Array.of(0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56);
function jpeg({ orientation = 1 as 1 | 6, extra = [] as Uint8Array[], after = new Uint8Array() } = {}): Uint8Array {
  return join([
    Uint8Array.of(0xff, 0xd8),
    segment(0xe0, join([ascii('JFIF\0'), Uint8Array.of(1, 2, 0, 0, 72, 0, 72, 1, 1, 9, 9, 9)])),
    segment(0xe1, exif(orientation)),
    segment(0xe1, ascii(`http://ns.adobe.com/xap/1.0/\0${CANARY}`)),
    segment(0xed, ascii(`Photoshop 3.0\0${CANARY}`)),
    segment(0xe2, ascii('ICC_PROFILE\0colours')),
    segment(0xe2, ascii(`MPF\0${CANARY}`)),
    segment(0xfe, ascii(CANARY)),
    ...extra,
    segment(0xdb, Uint8Array.of(0, 1, 2)),
    segment(0xc0, Uint8Array.of(8, 0, 1, 0, 1)),
    segment(0xda, Uint8Array.of(1, 1)),
    CODED,
    Uint8Array.of(0xff, 0xd9),
    after,
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  return join([u32(data.length), ascii(type), data, u32(0)]);
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
function png(...extra: Uint8Array[]): Uint8Array {
  return join([
    SIGNATURE,
    pngChunk('IHDR', new Uint8Array(13)),
    pngChunk('tEXt', ascii(`Comment\0${CANARY}`)),
    pngChunk('iTXt', ascii(`XML:com.adobe.xmp\0${CANARY}`)),
    pngChunk('prVt', ascii(CANARY)),
    ...extra,
    pngChunk('IDAT', ascii('picture')),
    pngChunk('IEND', new Uint8Array()),
    ascii(CANARY),
  ]);
}

function riffChunk(type: string, data: Uint8Array): Uint8Array {
  return join([ascii(type), u32(data.length, true), data, new Uint8Array(data.length % 2)]);
}

function webp(orientation: 1 | 6 = 1): Uint8Array {
  const frame = join([new Uint8Array(16), riffChunk('VP8L', ascii('odd')), riffChunk('JUNK', ascii(CANARY))]);
  return riffChunk(
    'RIFF',
    join([
      ascii('WEBP'),
      riffChunk('VP8X', Uint8Array.of(0x2e, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
      riffChunk('ICCP', ascii('colours')),
      riffChunk('ANMF', frame),
      riffChunk('EXIF', exif(orientation)),
      riffChunk('XMP ', ascii(CANARY)),
    ]),
  );
}

function gif(): Uint8Array {
  const data = (text: string): Uint8Array => join([Uint8Array.of(text.length), ascii(text), Uint8Array.of(0)]);
  return join([
    ascii('GIF89a'),
    Uint8Array.of(1, 0, 1, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6),
    join([Uint8Array.of(0x21, 0xff, 11), ascii('NETSCAPE2.0'), Uint8Array.of(3, 1, 0, 0, 0)]),
    join([Uint8Array.of(0x21, 0xff, 11), ascii('XMP DataXMP'), data(CANARY)]),
    join([Uint8Array.of(0x21, 0xfe), data(CANARY)]),
    join([Uint8Array.of(0x21, 0xf9, 4, 0, 0, 0, 0, 0)]),
    join([Uint8Array.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2), data('picture')]),
    Uint8Array.of(0x3b),
    ascii(CANARY),
  ]);
}

const pictures = { jpeg: jpeg({ after: ascii(CANARY) }), png: png(), webp: webp(), gif: gif() };

describe.each(Object.entries(pictures))('a %s', (_name, picture) => {
  it('has a canary to lose', () => {
    expect(hasCanary(picture)).toBe(true);
  });

  it('loses what is said about it and keeps what it is', () => {
    const stripped = stripImage(picture);
    expect(stripped && hasCanary(stripped)).toBe(false);
    expect(stripped && imageTypeOf(stripped)).toBe(imageTypeOf(picture));
    expect(stripped && isAnimated(stripped)).toBe(isAnimated(picture));
  });

  it('stripped again is the same', () => {
    const once = stripImage(picture);
    expect(once && stripImage(once)).toEqual(once);
  });

  it('that is cut off anywhere is refused or whole', () => {
    const whole = stripImage(picture);
    for (let end = 0; end < picture.length; end++) {
      const stripped = stripImage(picture.subarray(0, end));
      if (stripped) expect(stripped, String(end)).toEqual(whole);
    }
  });

  it('with any bytes changed never throws, and never keeps a marked block as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(picture.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const changed = picture.slice();
        for (const [at, value] of changes) changed[at] = value;
        const stripped = stripImage(changed);
        // Only where the change made the canary part of the picture itself may it be there still.
        if (changes.length === 0) expect(stripped && hasCanary(stripped)).toBe(false);
        if (stripped) expect(stripped.length).toBeLessThanOrEqual(changed.length + 40);
      }),
      { numRuns: 3000 },
    );
  });
});

it('any bytes at all are refused without throwing, whatever they begin with', () => {
  const starts = Object.values(pictures).map((picture) => picture.subarray(0, 14));
  fc.assert(
    fc.property(fc.constantFrom(...starts, new Uint8Array()), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const bytes = join([start, rest]);
      stripImage(bytes);
      isAnimated(bytes);
      orientationOf(rest);
    }),
    { numRuns: 5000 },
  );
});

describe('how a picture is to be turned', () => {
  it('is read in either byte order, with or without the mark', () => {
    const little = join([ascii('II*\0'), u32(8, true), Uint8Array.of(1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0)]);
    expect(orientationOf(little)).toBe(8);
    expect(orientationOf(exifOf(6))).toBe(6);
    expect(orientationOf(exifOf(6).subarray(6))).toBe(6);
  });

  it('is all that a JPEG keeps of its Exif', () => {
    const stripped = stripImage(jpeg({ orientation: 6 }));
    expect(stripped && Buffer.from(stripped).includes(Buffer.from(exifOf(6)))).toBe(true);
    expect(stripped && hasCanary(stripped)).toBe(false);
  });

  it('is nothing that a PNG or a WebP could keep: those are drawn anew', () => {
    expect(stripImage(png(pngChunk('eXIf', exif(6).subarray(6))))).toBeUndefined();
    expect(stripImage(png(pngChunk('eXIf', exif(1).subarray(6))))).toBeDefined();
    expect(stripImage(webp(6))).toBeUndefined();
  });
});

it('a JPEG keeps its coded picture, tables and colours byte for byte', () => {
  const stripped = Buffer.from(stripImage(jpeg()) ?? []);
  expect(stripped.includes(Buffer.from(CODED))).toBe(true);
  expect(stripped.includes('ICC_PROFILE\0colours')).toBe(true);
  expect(stripped.includes(Buffer.from(segment(0xdb, Uint8Array.of(0, 1, 2))))).toBe(true);
});

it('a WebP announces neither Exif nor XMP any more', () => {
  expect(stripImage(webp())?.[20]).toBe(0x22);
});
