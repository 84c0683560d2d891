/**
 * Seals and opens the frames of a call between encoder and network (RTCRtpScriptTransform). What cannot be sealed is not sent,
 * and what does not open is not played.
 */
import type { DeviceId } from '@securechat/sync/api';
import { Opener } from './opener.ts';
import type { FrameOrder, StreamPurpose } from './orders.ts';
import { Sealer } from './sealer.ts';
import type { Bytes } from './sframe.ts';

interface EncodedFrame {
  data: ArrayBuffer;
}

/** What there is of RTCRtpScriptTransformer in the browsers that have it. */
interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: StreamPurpose;
  sendKeyFrameRequest?(): Promise<unknown>;
}

/** Undefined: the frame goes no further. */
type Change = (data: Bytes) => Promise<Bytes | undefined>;

const sealer = new Sealer();
const openers = new Map<DeviceId, Opener>();

addEventListener('message', ({ data: order }: MessageEvent<FrameOrder>) => {
  if (order.type === 'seal') void sealer.use(order.key);
  else openerOf(order.from).use(order.keys);
});

addEventListener('rtctransform', (event) => {
  const { transformer } = event as Event & { readonly transformer: Transformer };
  const { kind, from } = transformer.options;
  const seal: Change = (data) => sealer.seal(kind, data);
  run(transformer, from === undefined ? seal : opening(transformer, openerOf(from)));
});

function openerOf(device: DeviceId): Opener {
  const opener = openers.get(device) ?? new Opener();
  openers.set(device, opener);
  return opener;
}

/** A picture that came while its key was not here is missing from those that follow: once they open, a whole one is asked for. */
function opening(transformer: Transformer, opener: Opener): Change {
  const { kind } = transformer.options;
  let isMissing = false;
  return async (data) => {
    const opened = await opener.open(kind, data);
    if (opened && isMissing && kind === 'video') {
      void askForWhole(transformer);
    }
    isMissing = !opened;
    return opened;
  };
}

async function askForWhole(transformer: Transformer): Promise<void> {
  try {
    await transformer.sendKeyFrameRequest?.();
  } catch {
    // Refused for a stream that has ended meanwhile. The decoder asks by itself, too, some seconds later.
  }
}

function run({ readable, writable }: Transformer, change: Change): void {
  const changing = new TransformStream<EncodedFrame, EncodedFrame>({
    transform: async (frame, controller) => {
      const data = await change(new Uint8Array(frame.data));
      if (!data) return;
      frame.data = data.buffer;
      controller.enqueue(frame);
    },
  });
  // Rejects when the connection is closed.
  readable
    .pipeThrough(changing)
    .pipeTo(writable)
    .catch(() => undefined);
}
