/** A first name for this device, from what the browser says of itself. Pure. The person can change it. */

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOPT\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
];

/** "Chrome on Linux". iPads call themselves a Mac, but have fingers: `touchPoints`. */
export function guessDeviceName(userAgent: string, touchPoints: number): string {
  const browser = firstMatch(BROWSERS, userAgent) ?? 'Browser';
  const system = firstMatch(SYSTEMS, userAgent);
  const isTablet = system === 'Mac' && touchPoints > 1;
  return system === undefined ? browser : `${browser} on ${isTablet ? 'iPad' : system}`;
}

/** The name of the browser that runs this. */
export function ownDeviceName(): string {
  return guessDeviceName(navigator.userAgent, navigator.maxTouchPoints);
}

function firstMatch(table: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
