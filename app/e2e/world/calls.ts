/** What people do with calls, by what they see; and what comes in at a connection, by what the browser counts. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Person } from './person.ts';

/** Arrives with a microphone, a camera and a screen that are made up, and says yes to every question for them. */
export const callingWith = (fps: number) => ({
  flags: [`--use-fake-device-for-media-stream=fps=${String(fps)}`, '--use-fake-ui-for-media-stream'],
});

/** Few pictures a second: without a graphics card each one is drawn and coded by the processors that three browsers share. */
export const CALLING = callingWith(5);

type Noted = typeof globalThis & { connections: RTCPeerConnection[] };

/** Notes every connection that a page makes. To be called before the app is opened. */
export async function noteConnections({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const connections: RTCPeerConnection[] = [];
    Object.assign(globalThis, { connections });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        connections.push(this);
      }
    };
  });
}

type Awake = typeof globalThis & { locks: WakeLockSentinel[] };

/** Notes what keeps a page's screen awake. To be called before the app is opened. */
export async function noteAwake({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const locks: WakeLockSentinel[] = [];
    Object.assign(globalThis, { locks });
    const request = navigator.wakeLock.request.bind(navigator.wakeLock);
    navigator.wakeLock.request = async (type) => {
      const lock = await request(type);
      locks.push(lock);
      return lock;
    };
  });
}

/** How often a page keeps its screen awake now. */
export function awake({ page }: Person): Promise<number> {
  return page.evaluate(() => (globalThis as Awake).locks.filter(({ released }) => !released).length);
}

/** Calls the one whose chat is open. */
export async function call({ page }: Person, name: string, kind: 'Voice' | 'Video'): Promise<void> {
  await page
    .getByRole('main')
    .getByRole('button', { name: `${kind} call to ${name}` })
    .click();
  await callScreen(page, name).waitFor();
}

/** What rings. */
export function ringing({ page }: { readonly page: Page }, name: string, kind: 'voice' | 'video' = 'voice'): Locator {
  return page.getByRole('alertdialog', { name: `Incoming ${kind} call from ${name}` });
}

export async function answer(person: Person, name: string, kind: 'voice' | 'video' = 'voice'): Promise<void> {
  const button = kind === 'voice' ? 'Answer' : 'Answer with video';
  await ringing(person, name, kind).getByRole('button', { name: button, exact: true }).click();
}

/** The call that a tab holds, over the whole screen. */
export function callScreen(page: Page, name: string): Locator {
  return page.getByRole('dialog', { name: `Call with ${name}` });
}

/** Both talk to each other: the time runs, and sound comes in on both sides. */
export async function talk(ann: Person, bob: Person): Promise<void> {
  for (const [person, other] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    await callScreen(person.page, other.name).getByText('Connected', { exact: true }).waitFor({ state: 'attached' });
    await comesIn(person.page, 'sounds');
  }
}

export async function hangUp({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'Hang up' }).click();
}

/** The four emoji on a screen. */
export async function emojiOf({ page }: Person): Promise<string[]> {
  const label = await page.getByRole('button', { name: /^Emoji to compare: / }).getAttribute('aria-label');
  return (/: (.*?)\./.exec(label ?? '')?.[1] ?? '').split(' ');
}

/** The end of a call as it is told, and away with it. */
export async function seesEnd({ page }: Person, name: string, words: string): Promise<void> {
  const screen = callScreen(page, name);
  await screen.getByText(words, { exact: true }).last().waitFor();
  await screen.getByRole('button', { name: 'Close' }).click();
  await screen.waitFor({ state: 'detached' });
}

/** Waits until more pictures were decoded, or more sound came, than there was. */
export async function comesIn(page: Page, what: 'frames' | 'sounds'): Promise<void> {
  const before = (await incoming(page))[what];
  await expect.poll(async () => (await incoming(page))[what], { timeout: 60_000 }).toBeGreaterThan(before + 5);
}

/** What came in over the newest connection. */
export function incoming(page: Page): Promise<{ readonly frames: number; readonly sounds: number }> {
  return page.evaluate(async () => {
    const connection = (globalThis as Noted).connections.findLast(({ localDescription }) => localDescription !== null);
    let [frames, sounds] = [0, 0];
    for (const stat of ((await connection?.getStats()) ?? new Map()).values()) {
      const { type, kind, framesDecoded, packetsReceived } = stat as RTCInboundRtpStreamStats;
      if (type !== 'inbound-rtp') continue;
      if (kind === 'video') frames += framesDecoded ?? 0;
      else sounds += packetsReceived ?? 0;
    }
    return { frames, sounds };
  });
}

/** The servers that the connections of a page have asked, which ever looked for a way to the other side. */
export function serversAsked(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    (globalThis as Noted).connections
      .filter(({ localDescription }) => localDescription !== null)
      .flatMap((connection) => connection.getConfiguration().iceServers ?? [])
      .flatMap(({ urls }) => urls),
  );
}

/** Wants to be notified of what comes while they look at something else. */
export async function wantsNotifications(person: Person): Promise<void> {
  const { page, context } = person;
  await context.grantPermissions(['notifications']);
  await person.goto('/settings');
  const wanted = page.getByRole('switch', { name: 'Notifications' });
  await wanted.waitFor();
  if ((await wanted.getAttribute('aria-checked')) !== 'true') await wanted.click();
  // The engine has taken it up.
  await page.getByRole('switch', { name: 'Notifications', checked: true }).waitFor();
}

/** Looks at something else from now on, until the app is opened anew. */
export async function looksAway({ page }: Person): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

/** The notifications that stand there. */
export function notifications({ page }: Person): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return ((await registration?.getNotifications()) ?? []).map(({ title, body }) => `${title}: ${body}`);
  });
}
