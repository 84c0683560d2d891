/** A process that plays what it is told, one game after another, until nobody is there to tell it. */
import type { Game } from './game.ts';
import { play } from './scenarios.ts';

process.on('message', (game) => {
  void play(game as Game).then((violations) => process.send?.(violations));
});
process.once('disconnect', () => process.exit());
