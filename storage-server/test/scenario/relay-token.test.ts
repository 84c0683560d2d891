import { startRelay } from '@securechat/relay';
import { endpoints, type Endpoint } from '@securechat/relay-protocol';
import { expect, it, onTestFinished } from 'vitest';
import { createPerson, registrationOf, signInSignature, type Person } from '../../../relay/test/people.ts';
import { startStorageServer } from '../../src/index.ts';
import { codeOf, configFor, createBytes, createLog, secret, temporaryFolder, tus, upload } from '../harness.ts';

it('ST-1 the token that a real relay gives out is admitted, and is worth nothing at another server', async () => {
  const relay = await startRelay({ storageTokenSecret: secret });
  onTestFinished(() => relay.close());
  const storage = await startStorageServer(configFor(await temporaryFolder()), createLog());
  const other = { ...configFor(await temporaryFolder()), secret: new Uint8Array(32).fill(1) };
  const stranger = await startStorageServer(other, createLog());
  onTestFinished(async () => {
    await storage.close();
    await stranger.close();
  });
  const [alice, bob] = [await storageToken(relay.url, createPerson()), await storageToken(relay.url, createPerson())];
  const blob = await upload(`${storage.url}/files`, createBytes(100), alice);
  expect(codeOf(await tus(blob, 'HEAD', bob))).toBe('NotYours');
  expect((await tus(blob, 'HEAD', alice)).headers.get('upload-offset')).toBe('100');
  expect(codeOf(await tus(`${stranger.url}/files`, 'POST', alice))).toBe('TokenInvalid');
});

async function storageToken(url: string, person: Person): Promise<string> {
  const { host } = new URL(url);
  const { deviceId } = person;
  await call(url, endpoints.register, registrationOf(person, host));
  const { challenge } = await call(url, endpoints.challenge, { deviceId });
  const signature = signInSignature(person, challenge, host);
  const { token } = await call(url, endpoints.signIn, { deviceId, challenge, signature });
  return (await call(url, endpoints.storageToken, {}, token)).token;
}

async function call<Request, Response>(
  url: string,
  { method, path, request, response }: Endpoint<Request, Response>,
  body: Request,
  token = '',
): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(request.print(body)) });
  const parsed = response.parse(await answer.json());
  if (!parsed.ok) throw new Error(`${path} answered ${answer.status}`);
  return parsed.value;
}
