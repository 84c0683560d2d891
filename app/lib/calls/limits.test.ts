import { expect, it } from 'vitest';
import { limitSender, limitsOf } from './limits.ts';

it('saves data with less of everything, and keeps the words on a screen as large as they are', () => {
  for (const picture of ['camera', 'screen'] as const) {
    const [full, low] = [limitsOf(false, picture), limitsOf(true, picture)];
    expect(low.audio).toBeLessThan(full.audio);
    expect(low.video).toBeLessThan(full.video / 5);
    expect(low.framesPerSecond).toBeLessThan(full.framesPerSecond);
  }
  expect([limitsOf(true, 'camera').smaller > 1, limitsOf(true, 'screen').smaller]).toEqual([true, 1]);
});

/** What is set at a sender that has these encodings. */
async function limited(kind: 'audio' | 'video', encodings: RTCRtpEncodingParameters[]): Promise<unknown> {
  let set: unknown;
  const sender = {
    getParameters: () => ({ encodings }),
    setParameters: (parameters: { encodings: unknown }) => {
      set = parameters.encodings;
      return Promise.resolve();
    },
  };
  await limitSender(sender as unknown as RTCRtpSender, kind, limitsOf(true, 'camera'));
  return set;
}

it('sets what belongs to the kind of a sender, once it takes part in a connection', async () => {
  expect(await limited('audio', [{ active: true }])).toEqual([{ active: true, maxBitrate: 16_000 }]);
  expect(await limited('video', [{}])).toEqual([{ maxBitrate: 120_000, maxFramerate: 12, scaleResolutionDownBy: 3 }]);
  expect(await limited('video', [])).toBeUndefined();
});
