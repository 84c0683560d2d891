/** Arrow keys move between the tiles of a grid, up and down by where they are; Tab goes through all of them as ever. */
import type { Attachment } from 'svelte/attachments';

const TILE = '.open';

export const gridFocus: Attachment<HTMLElement> = (grid) => {
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const tiles = [...grid.querySelectorAll<HTMLElement>(TILE)];
    const at = tiles.findIndex((tile) => tile === document.activeElement);
    const next = at < 0 ? undefined : target(event.key, tiles, at);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  grid.addEventListener('keydown', press);
  return () => grid.removeEventListener('keydown', press);
};

function target(key: string, tiles: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const isLtr = getComputedStyle(document.documentElement).direction !== 'rtl';
  switch (key) {
    case 'ArrowRight':
      return tiles[at + (isLtr ? 1 : -1)];
    case 'ArrowLeft':
      return tiles[at - (isLtr ? 1 : -1)];
    case 'ArrowDown':
      return inNextRow(tiles.slice(at + 1), tiles[at]);
    case 'ArrowUp':
      return inNextRow(tiles.slice(0, at).reverse(), tiles[at]);
    case 'Home':
      return tiles[0];
    case 'End':
      return tiles.at(-1);
    default:
      return undefined;
  }
}

/** Of the first further row of `tiles`, the one that is nearest to the column of `from`. */
function inNextRow(tiles: readonly HTMLElement[], from: HTMLElement | undefined): HTMLElement | undefined {
  const [here, places] = [from?.getBoundingClientRect(), tiles.map((tile) => tile.getBoundingClientRect())];
  if (here === undefined) return undefined;
  const row = places.find(({ top }) => Math.abs(top - here.top) > here.height / 2)?.top;
  const distance = (index: number): number => Math.abs((places[index]?.left ?? 0) - here.left);
  const inRow = places.flatMap(({ top }, index) => (row !== undefined && Math.abs(top - row) < 1 ? [index] : []));
  const nearest = inRow.sort((a, b) => distance(a) - distance(b))[0];
  return nearest === undefined ? undefined : tiles[nearest];
}
