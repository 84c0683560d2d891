/** "It is an app, and it talks to nobody else": installable, opens offline at any address, asks no other machine for anything. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchPolicy } from './world/faults.ts';
import { Outside } from './world/outside.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
let outside: Outside;

beforeAll(async () => {
  outside = await Outside.open();
});

afterAll(() => {
  outside.close();
});

it('the browser finds nothing to object to in the manifest, and would install it', async () => {
  const ann = await world().arrive('Ann');
  await ann.goto('/');
  await ann.canGoOffline();
  const devtools = await ann.context.newCDPSession(ann.page);
  const manifest = await devtools.send('Page.getAppManifest');
  expect(manifest.errors).toEqual([]);
  const { name, start_url, display, icons } = JSON.parse(manifest.data ?? '{}') as Record<string, unknown>;
  expect({ name, start_url, display }).toEqual({ name: 'SecureChat', start_url: '/', display: 'standalone' });
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
  for (const { src } of icons as { src: string }[])
    expect((await fetch(world().relay.url + src)).headers.get('content-type'), src).toMatch(/^image\//);
});

it('any address of the app opens with the server gone, also in a new browser', async () => {
  const [ann] = await world().residents('Ann');
  await ann.canGoOffline();
  await ann.openChat('Note to self');
  await ann.send('Remember');
  await ann.sees('Remember');
  const { pathname } = new URL(ann.page.url());
  await world().relay.kill();
  await ann.restartBrowser(pathname);
  await ann.sees('Remember');
  await ann.goto('/settings/profile');
  await ann.page.getByRole('heading', { name: 'Profile' }).waitFor();
  await ann.goto('/new');
  await ann.page.getByRole('img', { name: 'QR code of your invite link' }).waitFor();
  await world().relay.start();
});

it('a whole conversation asks no other machine for anything and breaks no rule of the content policy', async () => {
  const ann = await world().arrive('Ann P', { flags: outside.flags });
  const bob = await world().arrive('Bob P', { flags: outside.flags });
  const origins = new Set<string>();
  for (const { context } of [ann, bob]) context.on('request', (request) => origins.add(new URL(request.url()).origin));
  const breaches = [await watchPolicy(ann.page), await watchPolicy(bob.page)];
  const response = await ann.page.goto(world().relay.url);
  expect(response?.headers()['content-security-policy']).toContain("frame-ancestors 'none'");

  await Promise.all([ann.onboard(), bob.onboard()]);
  await ann.addByLink(await bob.inviteLink());
  await ann.send('See https://example.com/a?b#c and http://192.0.2.1/x.png');
  await bob.chat('See https://example.com').click();
  await bob.page.getByRole('button', { name: 'Accept' }).click();
  await bob.message('See https').getByRole('link', { name: 'https://example.com/a?b#c' }).hover();
  await bob.send('No preview is fetched');
  await ann.sees('No preview is fetched');
  await ann.page.getByRole('link', { name: /^Settings and profile/ }).click();
  await ann.page.getByText(/ in \d chats?\./).waitFor();

  for (const read of breaches) expect(await read()).toEqual([]);
  expect([...origins]).toEqual([world().relay.url]);
  expect(outside.requests).toEqual([]);
});

it('the content policy is in force: no foreign script, no markup from text, and nothing unless it is allowed', async () => {
  const ann = await world().arrive('Ann C', { flags: outside.flags });
  const breaches = await watchPolicy(ann.page);
  await ann.goto('/');
  await ann.page.getByLabel('Your name').waitFor();
  const policy = await ann.page.locator('meta[http-equiv="content-security-policy" i]').getAttribute('content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/script-src[^;]*('unsafe-inline'|'unsafe-eval'|https:|\*)/);

  const refused = await ann.page.evaluate(() => {
    try {
      document.body.innerHTML = '<p>markup</p>';
      return 'taken';
    } catch (error) {
      return error instanceof TypeError ? 'TypeError' : 'other';
    }
  });
  expect(refused).toBe('TypeError');
  await ann.page.evaluate(() => {
    const picture = new Image();
    picture.src = 'http://192.0.2.1/pixel.png';
    document.body.append(picture);
  });
  await expect
    .poll(async () => (await breaches()).join(' '))
    .toMatch(/require-trusted-types-for.*img-src http:\/\/192\.0\.2\.1/);
  expect(outside.requests).toEqual([]);
  ann.faults.forgive(/TrustedHTML|violates the following Content Security Policy/);
});

it('what the browser asks of other machines would have been seen', async () => {
  const ann = await world().arrive('Ann O', { flags: outside.flags });
  await ann.goto('/');
  await ann.page.evaluate(() => fetch('https://elsewhere.example/').catch(() => undefined));
  expect(outside.requests).toEqual(['elsewhere.example']);
  ann.faults.forgive(/ERR_TUNNEL_CONNECTION_FAILED/);
});
