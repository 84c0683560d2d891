/** Keys that work on every screen. */
export interface GlobalCommands {
  search(): void;
  newChat(): void;
  settings(): void;
  status(): void;
  calls(): void;
  step(by: 1 | -1): void;
  back(): void;
  shortcuts(): void;
}

export function pressGlobal(event: KeyboardEvent, commands: GlobalCommands): void {
  if (event.defaultPrevented) return;
  const command = commandOf(event, commands);
  if (!command) return;
  event.preventDefault();
  command();
}

function commandOf(event: KeyboardEvent, commands: GlobalCommands): (() => void) | undefined {
  const hasControl = event.ctrlKey || event.metaKey;
  // `code`, since Option changes what the key writes on a Mac.
  if (hasControl && !event.shiftKey && !event.altKey && event.code === 'KeyK') return () => commands.search();
  if (event.altKey && !hasControl) return altCommand(event.code, commands);
  if (hasControl || isWriting(event.target) || isInOverlay(event.target)) return undefined;
  if (event.key === '?') return () => commands.shortcuts();
  if (event.key === 'Escape') return () => commands.back();
  return undefined;
}

function altCommand(code: string, commands: GlobalCommands): (() => void) | undefined {
  switch (code) {
    case 'KeyN':
      return () => commands.newChat();
    case 'KeyS':
      return () => commands.status();
    case 'KeyC':
      return () => commands.calls();
    case 'Comma':
      return () => commands.settings();
    case 'ArrowDown':
      return () => commands.step(1);
    case 'ArrowUp':
      return () => commands.step(-1);
    default:
      return undefined;
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

function isInOverlay(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=dialog], [role=alertdialog], [role=menu]') !== null;
}
