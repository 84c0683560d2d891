import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { joinRelay, NetClient } from '../net-client.ts';
import { startProcess, type RelayProcess } from '../relay-process.ts';
import { bytesOf } from '../world.ts';

/** Kills what a failed test left running. */
const running = new Set<RelayProcess>();
let folder = '';
let env: Record<string, string> = {};

async function start(): Promise<RelayProcess> {
  const relay = await startProcess(env);
  running.add(relay);
  return relay;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'securechat-relay-'));
  env = { SECURECHAT_PORT: String(await freePort()), SECURECHAT_DATA_DIR: folder };
});
afterEach(async () => {
  for (const relay of running) await relay.kill();
  running.clear();
  rmSync(folder, { recursive: true });
});

const idOf = (frame: { readonly id: Uint8Array }): string => Buffer.from(frame.id).toString('hex');

describe('the relay is killed', () => {
  it('R-QUEUE-2: nothing that was accepted is lost, and what was not can be said again without doubling', async () => {
    const first = await start();
    const [ann, bob] = [await joinRelay(first.url), await joinRelay(first.url)];
    const fromAnn = await NetClient.signIn(first.url, ann);
    const texts = new Map(Array.from({ length: 500 }, (_, n) => [n, `message ${String(n)}`]));
    const ids = [...texts.values()].map((text) => fromAnn.post([bob.mailbox], bytesOf(text)));
    await fromAnn.until(() => fromAnn.all('accepted').length >= 100);
    await first.kill();
    await fromAnn.ended();
    const accepted = new Set(fromAnn.all('accepted').map(idOf));

    const second = await start();
    const again = await NetClient.signIn(second.url, ann);
    const late = ids.flatMap((id, n) =>
      accepted.has(idOf({ id })) ? [] : [again.post([bob.mailbox], bytesOf(texts.get(n) ?? ''), id)],
    );
    await again.until(() => again.all('accepted').length === late.length);

    const atBob = await NetClient.signIn(second.url, bob);
    await atBob.until(() => atBob.all('drained').length === 1);
    const delivered = atBob.all('deliver');
    expect(delivered.map((frame) => Buffer.from(frame.data).toString())).toEqual([...texts.values()]);
    atBob.say({ type: 'ack', ids: delivered.map((frame) => frame.id) });
    atBob.say({ type: 'ping' });
    await atBob.until(() => atBob.all('pong').length === 1);
    expect(await second.stop()).toBe(0);

    const third = await start();
    const empty = await NetClient.signIn(third.url, bob);
    expect(empty.all('welcome')[0]?.queued).toBe(0);
  });

  it('R-OPS-3: an orderly end puts on disk what was only in memory, and exits with 0', async () => {
    const first = await start();
    const [ann, bob] = [await joinRelay(first.url), await joinRelay(first.url)];
    const [fromAnn, atBob] = [await NetClient.signIn(first.url, ann), await NetClient.signIn(first.url, bob)];
    fromAnn.post([bob.mailbox], bytesOf('on the wire'));
    await atBob.until(() => atBob.all('deliver').length === 1);
    expect(await first.stop()).toBe(0);
    expect(await atBob.ended()).toBe(1000);
    const second = await start();
    const again = await NetClient.signIn(second.url, bob);
    await again.until(() => again.all('drained').length === 1);
    expect(again.all('deliver').length).toBe(1);
  });

  it('R-OPS-4: a bad setting ends the process with what is wanted, not with the value', async () => {
    await expect(startProcess({ ...env, SECURECHAT_PORT: 'secret-by-mistake' })).rejects.toThrow(
      /ended with 2: SECURECHAT_PORT: want a whole number from 0 to 65535\n$/,
    );
  });

  it('R-BLIND-2: neither its files nor its output tell who wrote to whom', async () => {
    const relay = await start();
    const [ann, bob] = [await joinRelay(relay.url), await joinRelay(relay.url)];
    const fromAnn = await NetClient.signIn(relay.url, ann);
    const id = fromAnn.post([bob.mailbox], bytesOf('sealed'));
    await fromAnn.until(() => fromAnn.all('accepted').length === 1);
    expect(await relay.stop()).toBe(0);
    const file = readFileSync(join(folder, 'relay.db'));
    expect(file.includes(Buffer.from(id))).toBe(true);
    expect(file.includes('127.0.0.1')).toBe(false);
    for (const word of [ann.accountId, ann.deviceId, bob.accountId, bob.deviceId])
      expect(relay.output()).not.toContain(word);
    expect(statSync(join(folder, 'token.key')).mode & 0o777).toBe(0o600);
  });
});
