/** Full-text search while one types: the old hits stay until the new ones are there. */
import type { ChatId, ClientApi, SearchResults } from '@securechat/sync/api';

const PAUSE = 120;
const LIMIT = 60;

export class MessageSearch {
  results = $state.raw<SearchResults>();
  #text = $state('');
  readonly #api: ClientApi;
  readonly #chatId: ChatId | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: () => void = () => undefined;

  constructor(api: ClientApi, chatId?: ChatId) {
    this.#api = api;
    this.#chatId = chatId;
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    clearTimeout(this.#timer);
    if (this.isActive) this.#timer = setTimeout(() => this.#start(text.trim()), PAUSE);
    else this.clear();
  }

  get isActive(): boolean {
    return this.#text.trim() !== '';
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#stop();
    this.#stop = () => undefined;
    this.#text = '';
    this.results = undefined;
  }

  #start(text: string): void {
    this.#stop();
    const query = { text, limit: LIMIT };
    this.#stop = this.#api.watch(
      'search',
      this.#chatId === undefined ? query : { ...query, chatId: this.#chatId },
      (results) => {
        this.results = results;
      },
    );
  }
}
