/** How much of the network the sound and the picture of this side may take. */

export type Picture = 'camera' | 'screen';

export interface Limits {
  /** Bits per second. */
  readonly audio: number;
  readonly video: number;
  readonly framesPerSecond: number;
  /** The picture is sent so many times smaller, in each direction. */
  readonly smaller: number;
}

const FULL: Readonly<Record<Picture, Limits>> = {
  camera: { audio: 40_000, video: 1_500_000, framesPerSecond: 30, smaller: 1 },
  // Words on a screen have to stay readable; they move little.
  screen: { audio: 40_000, video: 2_500_000, framesPerSecond: 15, smaller: 1 },
};
const LOW: Readonly<Record<Picture, Limits>> = {
  camera: { audio: 16_000, video: 120_000, framesPerSecond: 12, smaller: 3 },
  screen: { audio: 16_000, video: 250_000, framesPerSecond: 4, smaller: 1 },
};

/** What is sent at most. Pure. */
export function limitsOf(isLow: boolean, picture: Picture): Limits {
  return (isLow ? LOW : FULL)[picture];
}

/** What is sent at most to each of several others: all of them together take about what one would. Pure. */
export function sharedLimits(limits: Limits, picture: Picture, others: number): Limits {
  const share = Math.min(1, 2 / Math.max(1, others));
  // Every picture is encoded once for each of them. Words on a screen have to stay readable.
  const smaller = picture === 'camera' ? Math.max(limits.smaller, others > 3 ? 3 : others > 1 ? 2 : 1) : limits.smaller;
  return { ...limits, video: Math.round(limits.video * share), smaller };
}

/** Applies them to a sender that takes part in a connection; before there is one there is nothing to limit. */
export async function limitSender(sender: RTCRtpSender, kind: 'audio' | 'video', limits: Limits): Promise<void> {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  for (const encoding of parameters.encodings) {
    encoding.maxBitrate = limits[kind];
    if (kind === 'video') {
      encoding.maxFramerate = limits.framesPerSecond;
      encoding.scaleResolutionDownBy = limits.smaller;
    }
  }
  await sender.setParameters(parameters);
}
