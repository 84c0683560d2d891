/** Puts the theme and accent on the page, and leaves a copy for the next first paint (`static/theme.js`). */
import type { Settings } from '@securechat/sync/api';
import type { App } from './app.svelte.ts';

function applyAppearance({ theme, accent }: Pick<Settings, 'theme' | 'accent'>): void {
  keep('theme', theme === 'system' ? undefined : theme);
  keep('accent', accent === 'green' ? undefined : accent);
  const color = getComputedStyle(document.documentElement).getPropertyValue('background-color');
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', color);
}

function keep(name: 'theme' | 'accent', value: string | undefined): void {
  const { dataset } = document.documentElement;
  try {
    if (value === undefined) localStorage.removeItem(`securechat.${name}`);
    else localStorage.setItem(`securechat.${name}`, value);
  } catch {
    // Storage is blocked: the theme shows once the settings are read.
  }
  if (value === undefined) document.documentElement.removeAttribute(`data-${name}`);
  else dataset[name] = value;
}

/** Keeps the page in the theme of the settings. To be called while a component is made. */
export function followAppearance(app: App): void {
  $effect(() => {
    const settings = app.settings.current;
    if (settings) applyAppearance(settings);
  });
}
