/** JSON from stored bytes, without exceptions: the projection's values are JSON because it is the quickest to parse. */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Undefined when the bytes are not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
