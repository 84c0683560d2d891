import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_CONFIG, startRelay } from '../../src/index.ts';
import { joinRelay, NetClient } from '../net-client.ts';

it.each(['uws', 'ws'] as const)(
  'Bob reads slowly (%s): the sender is not held up, memory is not, and Bob misses nothing',
  async (transport) => {
    const folder = mkdtempSync(join(tmpdir(), 'securechat-slow-'));
    const relay = await startRelay({ dataDir: folder, transport, relay: { ...DEFAULT_CONFIG, ackPatienceMs: 50 } });
    const [ann, bob] = [await joinRelay(relay.url), await joinRelay(relay.url)];
    const [fromAnn, atBob] = [await NetClient.signIn(relay.url, ann), await NetClient.signIn(relay.url, bob)];
    atBob.ws.pause();
    const total = 300;
    for (let n = 0; n < total; n++) fromAnn.post([bob.mailbox], new Uint8Array(50_000).fill(n & 255));
    await fromAnn.until(() => fromAnn.all('accepted').length === total);
    atBob.ws.resume();
    let acked = 0;
    while (acked < total) {
      const seen = acked;
      await atBob.until(() => atBob.all('deliver').length > seen);
      const ids = atBob
        .all('deliver')
        .slice(acked)
        .map((frame) => frame.id);
      acked += ids.length;
      atBob.say({ type: 'ack', ids });
    }
    expect(atBob.all('deliver').map((frame) => frame.data[0])).toEqual(
      Array.from({ length: total }, (_, n) => n & 255),
    );
    await relay.close();
    rmSync(folder, { recursive: true });
  },
);
