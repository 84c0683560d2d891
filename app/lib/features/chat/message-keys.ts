/** What keys and gestures on a message do. */
import type { MessageItem, RecordId } from '@securechat/sync/api';

export interface MessageCommands {
  message(id: RecordId): MessageItem | undefined;
  step(from: RecordId, by: 1 | -1): boolean;
  focusComposer(): void;
  openMenu(message: MessageItem): void;
  reply(message: MessageItem): void;
  edit(message: MessageItem): void;
  pickReaction(message: MessageItem): void;
  copy(message: MessageItem): void;
  star(message: MessageItem): void;
  /** How far it has come. */
  details(message: MessageItem): void;
  delete(message: MessageItem): void;
}

export class MessageKeys {
  readonly #commands: MessageCommands;

  constructor(commands: MessageCommands) {
    this.#commands = commands;
  }

  press(event: KeyboardEvent, id: RecordId | undefined): void {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const line = event.target instanceof HTMLElement ? event.target.dataset['line'] : undefined;
    // A line about the group is a button: Enter is its own.
    if (isPlain && line !== undefined && this.#move(event, line)) event.preventDefault();
    // Only on the message itself: buttons inside have their own keys.
    const isOnMessage = event.target instanceof HTMLElement && event.target.dataset['id'] === id;
    const message = id === undefined ? undefined : this.#commands.message(id);
    if (!isPlain || !isOnMessage || !message) return;
    if (this.#move(event, message.id) || this.#act(event, message)) event.preventDefault();
  }

  /** Right button, or a finger that rests. */
  contextMenu(event: MouseEvent, id: RecordId | undefined): void {
    const message = id === undefined ? undefined : this.#commands.message(id);
    const hasSelection = (getSelection()?.toString() ?? '') !== '';
    const isLink = event.target instanceof Element && event.target.closest('a') !== null;
    if (!message || message.deleted || hasSelection || isLink) return;
    event.preventDefault();
    this.#commands.openMenu(message);
  }

  doubleClick(event: MouseEvent, id: RecordId | undefined): void {
    const message = id === undefined ? undefined : this.#commands.message(id);
    const isBeside = event.target instanceof Element && event.target.closest('.bubble') === null;
    if (message && isBeside && !message.deleted) this.#commands.reply(message);
  }

  /** Dragged sideways by a finger. */
  swipe(id: RecordId | undefined): void {
    const message = id === undefined ? undefined : this.#commands.message(id);
    if (message && !message.deleted) this.#commands.reply(message);
  }

  #move(event: KeyboardEvent, id: RecordId): boolean {
    switch (event.key) {
      case 'ArrowUp':
        this.#commands.step(id, -1);
        return true;
      case 'ArrowDown':
        if (!this.#commands.step(id, 1)) this.#commands.focusComposer();
        return true;
      case 'Escape':
        this.#commands.focusComposer();
        return true;
      default:
        return false;
    }
  }

  #act(event: KeyboardEvent, message: MessageItem): boolean {
    const act = this.#actionOf(event.key.toLowerCase(), event.shiftKey);
    if (!act) return false;
    if (!message.deleted || event.key === 'Delete') act(message);
    return true;
  }

  #actionOf(key: string, shift: boolean): ((message: MessageItem) => void) | undefined {
    const commands = this.#commands;
    switch (key) {
      case 'enter':
      case 'contextmenu':
        return (message) => commands.openMenu(message);
      case 'f10':
        return shift ? (message) => commands.openMenu(message) : undefined;
      case 'r':
        return (message) => commands.reply(message);
      case 'e':
        return (message) => commands.edit(message);
      case '+':
        return (message) => commands.pickReaction(message);
      case 'c':
        return (message) => commands.copy(message);
      case 's':
        return (message) => commands.star(message);
      case 'i':
        return (message) => commands.details(message);
      case 'delete':
      case 'backspace':
        return (message) => commands.delete(message);
      default:
        return undefined;
    }
  }
}
