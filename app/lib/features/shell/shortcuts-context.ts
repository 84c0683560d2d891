import { createContext } from 'svelte';

/** Opens the sheet of keyboard shortcuts, from wherever it is offered. */
export const [getShortcutsOpener, setShortcutsOpener] = createContext<() => void>();
