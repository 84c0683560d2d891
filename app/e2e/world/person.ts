/** One person at one browser profile, doing what people do by what they see: roles, names and keys. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { Browser, type Look } from './browser.ts';
import { Faults } from './faults.ts';

export interface PersonOptions extends Look {
  readonly flags?: readonly string[];
}

export type Tick = 'Waiting on this device' | 'Sent' | 'Delivered' | 'Read' | 'Not sent';

export class Person {
  readonly name: string;
  readonly origin: string;
  readonly browser: Browser;
  readonly faults = new Faults();
  #context: BrowserContext;
  #page: Page;

  private constructor(name: string, origin: string, browser: Browser, context: BrowserContext, page: Page) {
    this.name = name;
    this.origin = origin;
    this.browser = browser;
    this.#context = context;
    this.#page = page;
    this.faults.watch(context);
  }

  static async create(name: string, origin: string, { flags, ...look }: PersonOptions = {}): Promise<Person> {
    const browser = await Browser.create(look, flags);
    const context = await browser.open();
    return new Person(name, origin, browser, context, await firstPage(context));
  }

  /** The tab that is looked at. */
  get page(): Page {
    return this.#page;
  }

  get context(): BrowserContext {
    return this.#context;
  }

  /** Looks at another tab from now on. */
  lookAt(page: Page): void {
    this.#page = page;
  }

  /** A further tab at the start page. The tab that is looked at stays. */
  async newTab(path = '/'): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(this.origin + path);
    return page;
  }

  async goto(path: string): Promise<void> {
    await this.#page.goto(path.startsWith('http') ? path : this.origin + path);
  }

  /** Quits the whole browser and opens it again, at `path` or with an empty tab. */
  async restartBrowser(path?: string): Promise<void> {
    await this.browser.close();
    this.#context = await this.browser.open();
    this.faults.watch(this.#context);
    this.#page = await firstPage(this.#context);
    if (path !== undefined) await this.goto(path);
  }

  /** Kills the whole browser, as a power cut does, and opens it again on what it left. */
  async killBrowser(path?: string): Promise<void> {
    await this.browser.kill();
    await this.restartBrowser(path);
  }

  /** From nothing to the chat list. */
  async onboard({ passphrase, path = '/' }: { passphrase?: string; path?: string } = {}): Promise<void> {
    await this.goto(path);
    await this.#page.getByLabel('Your name').fill(this.name);
    if (passphrase !== undefined) {
      await this.#page.getByRole('switch', { name: 'Protect with a passphrase' }).click();
      await this.#page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
      await this.#page.getByLabel('Repeat it').fill(passphrase);
    }
    await this.#page.getByRole('button', { name: 'Start', exact: true }).click();
    await this.chatList.waitFor();
  }

  /** The service worker answers for this page: from now on it opens without a network. */
  async canGoOffline(): Promise<void> {
    await this.#page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }

  /** Beside the open screen; on a phone it is the screen. */
  get chatList(): Locator {
    const name = { name: 'Chats', exact: true };
    return this.#page.getByRole('complementary', name).or(this.#page.getByRole('main', name));
  }

  /** The line of a chat in the list. */
  chat(title: string): Locator {
    return this.chatList.getByRole('link').filter({ hasText: title });
  }

  async openChat(title: string): Promise<void> {
    await this.chat(title).click();
    await this.conversation(title).waitFor();
  }

  conversation(title: string): Locator {
    return this.#page.getByRole('region', { name: `Conversation with ${title}` });
  }

  async inviteLink(): Promise<string> {
    await this.#page.getByRole('link', { name: 'New chat' }).click();
    const box = this.#page.getByRole('textbox', { name: 'Your invite link' });
    await this.#page.getByRole('button', { name: 'Copy link' }).and(this.#page.locator(':enabled')).waitFor();
    return box.inputValue();
  }

  /** Opens an invite link in this tab and says yes. */
  async addByLink(link: string): Promise<void> {
    await this.goto(link);
    await this.#page.getByRole('button', { name: /^(Start|Open) chat$/ }).click();
    await this.box.waitFor();
  }

  /** Where one writes. */
  get box(): Locator {
    return this.#page.getByRole('textbox', { name: /^Message to / });
  }

  /** Writes and sends; does not wait for any tick. */
  async send(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  get messages(): Locator {
    return this.#page.getByRole('region', { name: 'Messages', exact: true });
  }

  /** The message that has this text (or a part of it). */
  message(text: string): Locator {
    return this.messages.getByRole('listitem').filter({ hasText: text });
  }

  async sees(text: string): Promise<void> {
    await this.message(text).waitFor();
  }

  async seesTick(text: string, tick: Tick): Promise<void> {
    await this.message(text).getByRole('img', { name: tick, exact: true }).waitFor();
  }

  /** Chooses from a message's menu, as the right mouse button does. */
  async choose(text: string, item: string): Promise<void> {
    await this.message(text).getByText(text).first().click({ button: 'right' });
    await this.#page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** What of the messages on the screen matches `pattern`, oldest first. */
  async order(pattern: RegExp): Promise<string[]> {
    const texts = await this.messages.getByRole('listitem').allInnerTexts();
    return texts.flatMap((text) => pattern.exec(text)?.[0] ?? []);
  }

  async destroy(): Promise<void> {
    await this.browser.destroy();
  }
}

async function firstPage(context: BrowserContext): Promise<Page> {
  return context.pages()[0] ?? (await context.newPage());
}
