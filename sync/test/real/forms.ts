/** The ways in which text or bytes may lie about in files, logs and memory. */

/** As they are, UTF-16 of text, base64 and base64url at each of the three alignments, hex. */
export function formsOf(what: string | Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(what);
  const wide = typeof what === 'string' ? [Buffer.from(what, 'utf16le')] : [];
  const forms = new Map(
    [bytes, ...wide, Buffer.from(bytes.toString('hex')), ...base64Of(bytes)].map((form) => [
      form.toString('hex'),
      form,
    ]),
  );
  return [...forms.values()];
}

/** What lies in the middle of the base64 of anything that contains the bytes; too short a piece would be found by chance. */
function base64Of(bytes: Buffer): readonly Buffer[] {
  const aligned = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    return [padded.toString('base64'), padded.toString('base64url')].map((text) =>
      Buffer.from(text.slice(shift === 0 ? 0 : 4).replace(/.{0,4}=*$/, '')),
    );
  });
  return aligned.filter((form) => form.length >= 8);
}
