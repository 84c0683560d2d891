import { startRelay } from '@securechat/relay';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MinimalClient } from './minimal-client.ts';

let relay: Awaited<ReturnType<typeof startRelay>>;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());

async function openClient(): Promise<MinimalClient> {
  const client = await MinimalClient.open(relay.url);
  onTestFinished(() => {
    client.close();
  });
  return client;
}

describe('a third party can write a client', () => {
  it('two of them talk over a real relay', async () => {
    const [alice, bob] = [await openClient(), await openClient()];
    await alice.send(bob.accountId, 'hello, stranger');
    expect(await bob.receive()).toEqual({ from: alice.accountId, text: 'hello, stranger' });
    await bob.send(alice.accountId, 'héllo 你好 🙂');
    expect(await alice.receive()).toEqual({ from: bob.accountId, text: 'héllo 你好 🙂' });
  });

  it('a conversation goes on in order, both ways at once', async () => {
    const [alice, bob] = [await openClient(), await openClient()];
    const texts = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    const talk = async (from: MinimalClient, to: MinimalClient) => {
      for (const text of texts) await from.send(to.accountId, text);
    };
    const hear = async (client: MinimalClient) => {
      const heard: string[] = [];
      while (heard.length < texts.length) heard.push((await client.receive()).text);
      return heard;
    };
    const [, , first, second] = await Promise.all([talk(alice, bob), talk(bob, alice), hear(alice), hear(bob)]);
    expect([first, second]).toEqual([texts, texts]);
  });

  it('an envelope that nobody sealed is dropped, and the next text still arrives', async () => {
    const [alice, bob] = [await openClient(), await openClient()];
    await alice.post(bob.mailbox, new Uint8Array(512).fill(7));
    await alice.send(bob.accountId, 'still here');
    expect((await bob.receive()).text).toBe('still here');
  });

  it('an account that is not there is an error, not a silence', async () => {
    const alice = await openClient();
    await expect(alice.send('A'.repeat(43), 'anybody there?')).rejects.toThrow('NotFound');
  });
});
