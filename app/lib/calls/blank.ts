/**
 * A picture of nothing. It holds the place of a camera or screen that is off: without one, a connection that began as a voice
 * call would have to be negotiated anew when a camera goes on. It is taken off the sender at once, so nothing is sent.
 */
export function blankVideo(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 2;
  // Some browsers capture a canvas only when it was drawn on.
  canvas.getContext('2d')?.fillRect(0, 0, 2, 2);
  const [track] = canvas.captureStream(0).getVideoTracks();
  if (!track) throw new Error('a canvas without a picture');
  return track;
}
