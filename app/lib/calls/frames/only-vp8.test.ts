import { expect, it } from 'vitest';
import { onlyVp8 } from './only-vp8.ts';

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\r\n`).join('');

const HEAD = lines('v=0', 'a=group:BUNDLE 0 1');
const AUDIO = lines('m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=rtpmap:111 opus/48000/2', 'a=rtpmap:63 red/48000/2');
const VIDEO = lines(
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 116',
  'c=IN IP4 0.0.0.0',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack pli',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:98 VP9/90000',
  'a=rtcp-fb:98 nack',
  'a=fmtp:98 profile-id=0',
  'a=rtpmap:99 rtx/90000',
  'a=fmtp:99 apt=98',
  'a=rtpmap:116 red/90000',
  'a=ssrc-group:FID 1 2',
);

it('FRAME-7 leaves VP8 and what repeats its packets, and the sound as it was', () => {
  const kept = lines(
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
    'c=IN IP4 0.0.0.0',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
    'a=rtcp-fb:96 nack pli',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=ssrc-group:FID 1 2',
  );
  expect(onlyVp8(HEAD + AUDIO + VIDEO)).toBe(HEAD + AUDIO + kept);
  expect(onlyVp8(HEAD + VIDEO + AUDIO)).toBe(HEAD + kept + AUDIO);
});

it('FRAME-7 leaves a description without VP8, or without pictures, as it is', () => {
  for (const sdp of ['', HEAD, HEAD + AUDIO, HEAD + VIDEO.replace('VP8', 'AV1')]) expect(onlyVp8(sdp)).toBe(sdp);
});
