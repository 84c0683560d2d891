/** Keys that answer, end and change a call, on every screen. */

export interface CallCommands {
  answer(): void;
  /** Declines what rings, hangs up what is on. */
  end(): void;
  microphone(): void;
  camera(): void;
  /** In a call of a group. */
  hand?(): void;
  /** Shows everybody, or who speaks. */
  layout?(): void;
}

/** Answers whether it was one of them. `event.code`, since Option changes what a key writes on a Mac. */
export function pressCallKey(event: KeyboardEvent, commands: CallCommands): boolean {
  if (event.defaultPrevented || event.repeat || !event.altKey || event.ctrlKey || event.metaKey) return false;
  const command = commandOf(event.code, commands);
  if (!command) return false;
  event.preventDefault();
  command();
  return true;
}

function commandOf(code: string, commands: CallCommands): (() => void) | undefined {
  switch (code) {
    case 'KeyA':
      return () => commands.answer();
    case 'KeyX':
      return () => commands.end();
    case 'KeyM':
      return () => commands.microphone();
    case 'KeyV':
      return () => commands.camera();
    case 'KeyH':
      return commands.hand && (() => commands.hand?.());
    case 'KeyG':
      return commands.layout && (() => commands.layout?.());
    default:
      return undefined;
  }
}
