/** What all screens share of media: preparing, showing and playing. One for the app, handed down by context. */
import { createContext } from 'svelte';
import type { App } from '$lib/state/app.svelte.ts';
import { Preparer } from '$lib/media/preparer.ts';
import { Player } from './player.svelte.ts';
import { Streams } from './streams.ts';
import { WholeFiles } from './whole-files.ts';

export class Media {
  readonly preparer = new Preparer();
  readonly whole: WholeFiles;
  readonly streams: Streams;
  readonly player: Player;

  constructor(app: App) {
    this.whole = new WholeFiles(app);
    this.streams = new Streams(app);
    this.player = new Player(this.whole, this.streams);
  }
}

export const [getMedia, setMedia] = createContext<Media>();
