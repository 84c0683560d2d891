/** A sound as a row of bars. */
import { MEDIA_LIMITS } from '@securechat/sync/api';
import type { Bytes } from './bytes.ts';

/** How loud it is in each of 64 parts, 0 to 255; the loudest is 255, silence is 0 throughout. */
export function peaksOf(samples: Float32Array): Bytes {
  const count = MEDIA_LIMITS.waveformBytes;
  const loudness = Array.from({ length: count }, (_, i) =>
    loudnessOf(
      samples.subarray(Math.floor((i * samples.length) / count), Math.floor(((i + 1) * samples.length) / count)),
    ),
  );
  const most = Math.max(...loudness);
  return Uint8Array.from(loudness, (value) => (most > 0 ? Math.round((value / most) * 255) : 0));
}

/** Root of the mean square: closer to what is heard than the highest sample. */
function loudnessOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) if (Number.isFinite(sample)) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}
