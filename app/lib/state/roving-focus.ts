/**
 * One tab stop for a list; arrow keys, Home and End move within it. Items carry `data-roving`. When the focused item is
 * moved the focus goes with it; when it is taken away its neighbour gets it.
 */
import type { Attachment } from 'svelte/attachments';

export const rovingFocus: Attachment<HTMLElement> = (list) => {
  const items = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[data-roving]')];
  const settle = (): void => {
    const all = items();
    const current = all.find((item) => item.tabIndex === 0 && item === document.activeElement);
    const chosen = current ?? all.find((item) => item.getAttribute('aria-current') === 'page') ?? all[0];
    for (const item of all) setTabIndex(item, item === chosen ? 0 : -1);
  };
  const press = (event: KeyboardEvent): void => {
    const all = items();
    const from = all.findIndex((item) => item === document.activeElement);
    const to =
      from < 0 || event.ctrlKey || event.altKey || event.metaKey ? undefined : target(event.key, from, all.length);
    if (to === undefined) return;
    event.preventDefault();
    for (const item of all) setTabIndex(item, item === all[to] ? 0 : -1);
    all[to]?.focus();
  };
  let last: { item: HTMLElement; index: number } | undefined;
  const remember = (event: FocusEvent): void => {
    const index = items().findIndex((item) => item === event.target);
    const item = items()[index];
    last = item && { item, index };
  };
  const keepFocus = (records: readonly MutationRecord[]): void => {
    const wasTouched = records.some(({ removedNodes }) =>
      [...removedNodes].some((node) => node.contains(last?.item ?? null)),
    );
    if (last && wasTouched && document.activeElement === document.body) {
      const heir = last.item.isConnected ? last.item : items()[Math.min(last.index, items().length - 1)];
      heir?.focus();
    }
  };
  const observer = new MutationObserver((records) => {
    keepFocus(records);
    settle();
  });
  observer.observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ['aria-current'] });
  list.addEventListener('keydown', press);
  list.addEventListener('focusin', remember);
  settle();
  return () => {
    observer.disconnect();
    list.removeEventListener('keydown', press);
    list.removeEventListener('focusin', remember);
  };
};

function setTabIndex(item: HTMLElement, index: number): void {
  if (item.tabIndex !== index) item.tabIndex = index;
}

function target(key: string, from: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, from + 1);
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
