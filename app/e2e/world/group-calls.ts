/** What people do with calls of groups, by what they see; and what each connection brings, by what the browser counts. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { FrameOrder } from '../../lib/calls/frames/orders.ts';
import type { Person } from './person.ts';

type Noted = typeof globalThis & { connections: RTCPeerConnection[] };

const PATIENCE = { timeout: 90_000 };

/** The call that a tab is in, over the whole screen. */
export function groupScreen({ page }: { readonly page: Page }, group: string): Locator {
  return page.getByRole('dialog', { name: `Call in ${group}`, exact: true });
}

/** What rings. */
export function groupRinging(
  { page }: { readonly page: Page },
  group: string,
  kind: 'voice' | 'video' = 'voice',
): Locator {
  return page.getByRole('alertdialog', { name: `Incoming ${kind} call in ${group}` });
}

/** The call that is on, in the open chat of its group. */
export function banner({ page }: { readonly page: Page }, group: string): Locator {
  return page.getByRole('region', { name: `Call in ${group} that is on` });
}

/** Calls the group whose chat is open. */
export async function callGroup(person: Person, group: string, kind: 'voice' | 'video'): Promise<void> {
  await person.page.getByRole('button', { name: `Start a ${kind} call with the group` }).click();
  await groupScreen(person, group).waitFor();
}

/** The square of a member on the screen of a call. */
export function tile(person: { readonly page: Page }, group: string, name: string): Locator {
  return groupScreen(person, group).getByRole('listitem').filter({ hasText: name });
}

export async function leaveCall(person: Person, group: string): Promise<void> {
  await groupScreen(person, group).getByRole('button', { name: 'Leave call' }).click();
  await groupScreen(person, group).waitFor({ state: 'detached' });
}

export async function countIn(person: Person, group: string, members: number): Promise<void> {
  await groupScreen(person, group)
    .getByText(new RegExp(`^${String(members)} in the call`))
    .waitFor({ timeout: 90_000 });
}

export interface Heard {
  /** Pictures that were decoded. */
  readonly frames: number;
  /** Packets of sound. */
  readonly sounds: number;
  /** Samples of sound that were played and are not silence made up, as energy. */
  readonly energy: number;
}

/** What came over each connection of a page that is connected. */
export function heardBy(page: Page): Promise<readonly Heard[]> {
  return page.evaluate(async () => {
    const live = (globalThis as Noted).connections.filter(({ connectionState }) => connectionState === 'connected');
    return Promise.all(
      live.map(async (connection) => {
        let [frames, sounds, energy] = [0, 0, 0];
        const stats: Iterable<unknown> = [...(await connection.getStats()).values()];
        for (const stat of stats) {
          const { type, kind, framesDecoded, packetsReceived, totalAudioEnergy } = stat as RTCInboundRtpStreamStats;
          if (type !== 'inbound-rtp') continue;
          if (kind === 'video') frames += framesDecoded ?? 0;
          else {
            sounds += packetsReceived ?? 0;
            energy += totalAudioEnergy ?? 0;
          }
        }
        return { frames, sounds, energy };
      }),
    );
  });
}

/** Everybody gets something of everybody: pictures that are decoded, or sound that is not silence. */
export async function allGet(people: readonly Person[], what: 'frames' | 'energy'): Promise<void> {
  for (const { page, name } of people) {
    const others = people.length - 1;
    await expect
      .poll(async () => (await heardBy(page)).length, { ...PATIENCE, message: `${name} connected` })
      .toBe(others);
    const before = await heardBy(page);
    await expect
      .poll(
        async () => {
          const after = await heardBy(page);
          return after.filter((each, i) => each[what] > (before[i]?.[what] ?? 0)).length;
        },
        { ...PATIENCE, message: `${name} gets ${what}` },
      )
      .toBe(others);
  }
}

type Keyed = typeof globalThis & { sealedWith: number[]; isKeyless: boolean };

/**
 * Notes which frame keys a page seals with; and lets {@link withholdKeys} keep from what opens frames the keys that the engine
 * tells. To be called before the app is opened.
 */
export async function noteKeys({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const keyed = Object.assign(globalThis, { sealedWith: [], isKeyless: false }) as Keyed;
    globalThis.Worker = class extends Worker {
      override postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions): void {
        const order = message as FrameOrder | undefined;
        if (order?.type === 'seal') keyed.sealedWith.push(order.key.id);
        const isWithheld = order?.type === 'open' && keyed.isKeyless;
        const passed = isWithheld ? { ...order, keys: [] } : message;
        if (Array.isArray(options)) super.postMessage(passed, options);
        else super.postMessage(passed, options);
      }
    };
  });
}

/** The ids of the keys that a page has sealed with, oldest first. */
export function sealedWith(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => [...new Set((globalThis as Keyed).sealedWith)]);
}

/** From the next keys on. */
export async function withholdKeys(page: Page, isWithheld: boolean): Promise<void> {
  await page.evaluate((isKeyless) => void Object.assign(globalThis, { isKeyless }), isWithheld);
}

/** More and more comes in, and nothing of it is seen. */
export async function seesNothing(page: Page): Promise<void> {
  const sum = async (): Promise<Heard> => {
    const all = await heardBy(page);
    const total = (what: keyof Heard): number => all.reduce((before, each) => before + each[what], 0);
    return { frames: total('frames'), sounds: total('sounds'), energy: total('energy') };
  };
  const isStill = async (): Promise<boolean> => {
    const before = await sum();
    await expect.poll(async () => (await sum()).sounds, PATIENCE).toBeGreaterThan(before.sounds + 100);
    return (await sum()).frames === before.frames;
  };
  await expect.poll(isStill, { ...PATIENCE, message: 'nothing is decoded' }).toBe(true);
}
