import { encodeFrame, LIMITS } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { largestPost } from '../../protocol/test/arbitraries.ts';
import { TestSocket, World } from '../world.ts';

describe('frames', () => {
  const world = new World();

  it.each([
    ['nothing', []],
    ['an unknown tag', [0x55]],
    ['a frame of the relay', [0x86]],
    ['a frame cut short', [0x02, 1, 2]],
    ['bytes after the end', [0x04, 0]],
    ['a flag bit without meaning', [0x02, ...new Uint8Array(16), 8, 0, 0]],
  ])('R-FRAME-1: %s is answered by BadFrame and the end', (_, bytes) => {
    const socket = world.dial();
    socket.connection.receive(Uint8Array.from(bytes));
    expect(socket.received).toEqual([{ type: 'error', code: 'BadFrame' }]);
    expect(socket.isClosed).toBe(true);
    socket.say({ type: 'ping' });
    expect(socket.received.length).toBe(1);
  });

  it('R-FRAME-2: more recipients or content than the caps is answered by TooManyRecipients or TooLarge and the end', () => {
    const many = world.dial();
    many.connection.receive(Uint8Array.from([0x02, ...new Uint8Array(16), 0, 0x04, 0x01]));
    expect(many.received).toEqual([{ type: 'error', code: 'TooManyRecipients' }]);
    const large = world.dial();
    const legal = encodeFrame(largestPost());
    const bytes = new Uint8Array(LIMITS.frameBytes + 1);
    bytes.set(legal);
    large.connection.receive(bytes);
    expect(large.received).toEqual([{ type: 'error', code: 'TooLarge' }]);
  });

  it('R-FRAME-3: ping is answered by pong', () => {
    const socket = world.dial();
    socket.say({ type: 'ping' });
    expect(socket.received).toEqual([{ type: 'pong' }]);
  });

  it('R-FRAME-4: another wire version in the path is answered by VersionUnsupported and the end', () => {
    const socket = new TestSocket(world.relay, '192.0.2.1', 2);
    expect(socket.received).toEqual([{ type: 'error', code: 'VersionUnsupported' }]);
    expect(socket.isClosed).toBe(true);
  });

  it('R-FRAME-5: answers wait for a full socket, in order; a peer that never reads is cut off', () => {
    const socket = world.dial();
    socket.full = true;
    socket.say({ type: 'ping' });
    socket.post([], new Uint8Array(0));
    expect(socket.received).toEqual([]);
    socket.makeRoom();
    expect(socket.received.map((frame) => frame.type)).toEqual(['pong', 'accepted']);
    socket.full = true;
    for (let n = 0; n < 5000; n++) socket.say({ type: 'ping' });
    expect(socket.isClosed).toBe(true);
  });
});
