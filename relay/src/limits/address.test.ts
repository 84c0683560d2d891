import { expect, it } from 'vitest';
import { callerOf } from './address.ts';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['0000:0000:0000:0000:0000:0000:0000:0001', '0:0:0:0'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['', ''],
])('the caller of %s is %s', (address, caller) => {
  expect(callerOf(address)).toBe(caller);
});
