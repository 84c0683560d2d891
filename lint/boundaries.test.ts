import { describe, expect, it } from 'vitest';
import { judge } from './boundaries.js';

describe('the way of dependencies', () => {
  it.each([
    ['crypto/src/kdf.ts', '@securechat/relay-protocol'],
    ['crypto/src/kdf.ts', '../../sync/src/client.ts'],
    ['relay/src/relay.ts', '@securechat/crypto'],
    ['relay/protocol/src/frames.ts', '../../src/relay.ts'],
    ['storage-server/src/server.ts', '@securechat/relay'],
    ['sync/src/client.ts', '@securechat/relay'],
    ['app/lib/state/live.ts', '@securechat/crypto'],
    ['app/lib/state/live.ts', 'dexie'],
    ['app/lib/state/live.ts', '@automerge/automerge/slim'],
    ['sync/src/client.ts', 'dexie'],
    ['sync/src/client.ts', 'libsodium-wrappers-sumo'],
    ['relay/src/relay.ts', 'uWebSockets.js'],
  ])('refuses %s importing %s', (from, specifier) => {
    expect(judge(from, specifier)).toBeTypeOf('string');
  });

  it.each([
    ['crypto/src/kdf.ts', './sodium.ts'],
    ['relay/src/relay.ts', '@securechat/relay-protocol'],
    ['relay/src/relay.ts', '../protocol/src/index.ts'],
    ['sync/src/client.ts', '@securechat/crypto'],
    ['sync/test/simulation/world.ts', '@securechat/relay'],
    ['app/lib/state/live.ts', '@securechat/sync/api'],
    ['examples/minimal-client.ts', '@securechat/crypto'],
    ['bench/run.ts', '@securechat/relay'],
  ])('lets %s import %s', (from, specifier) => {
    expect(judge(from, specifier)).toBeUndefined();
  });
});
