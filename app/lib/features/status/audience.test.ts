import { expect, it } from 'vitest';
import { AudienceChoice, describeAudience } from './audience.svelte.ts';

it('keeps a list for each way of choosing, and knows when nobody would get it', () => {
  const choice = new AudienceChoice({ type: 'except', accountIds: ['bob'] });
  choice.type = 'only';
  expect(choice.audience).toBeUndefined();
  choice.chosen = ['cleo', 'dan'];
  expect(choice.audience).toEqual({ type: 'only', accountIds: ['cleo', 'dan'] });
  choice.type = 'except';
  expect(choice.audience).toEqual({ type: 'except', accountIds: ['bob'] });
  choice.chosen = [];
  expect(choice.audience).toEqual({ type: 'all' });
});

it.each([
  [{ type: 'all' }, 'All contacts'],
  [{ type: 'except', accountIds: ['bob', 'cleo'] }, 'All contacts except 2'],
  [{ type: 'only', accountIds: ['bob'] }, 'Only 1 contact'],
] as const)('says whom %o means', (audience, words) => {
  expect(describeAudience(audience)).toBe(words);
});
