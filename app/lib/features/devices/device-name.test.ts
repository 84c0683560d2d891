import { expect, it } from 'vitest';
import { NAME_LIMIT } from '@securechat/sync/api';
import { guessDeviceName } from './device-name.ts';

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';

it.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36', 0, 'Chrome on Linux'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 0, 'Firefox on Linux'],
  ['Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36', 5, 'Chrome on Android'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1', 5, 'Safari on iPhone'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) CriOS/140.0 Mobile Safari/604.1', 5, 'Chrome on iPhone'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0', 0, 'Edge on Windows'],
  [`${MAC} Version/18.5 Safari/605.1.15`, 0, 'Safari on Mac'],
  [`${MAC} Version/18.5 Safari/605.1.15`, 5, 'Safari on iPad'],
  ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0.0.0 Safari/537.36', 0, 'Chrome on Chromebook'],
  ['Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/156.0.0.0 Safari/537.36', 0, 'Chrome on Linux'],
  ['something else', 0, 'Browser'],
  ['', 0, 'Browser'],
])('%s is called so', (userAgent, touchPoints, expected) => {
  expect(guessDeviceName(userAgent, touchPoints)).toBe(expected);
  expect(expected.length).toBeLessThanOrEqual(NAME_LIMIT);
});
