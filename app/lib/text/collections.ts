import type { Collection } from '@securechat/sync/api';

export const collections = {
  title: 'Media, files and links',
  of: (title: string) => `Media, files and links of ${title}`,
  hint: 'Everything of this chat, newest first',
  tabs: {
    pictures: 'Photos & videos',
    files: 'Files',
    links: 'Links',
    sounds: 'Voice',
  } satisfies Record<Collection, string>,
  empty: {
    pictures: { title: 'No photos or videos yet', text: 'Those that are sent in this chat are found here.' },
    files: { title: 'No files yet', text: 'Documents and other files of this chat are found here.' },
    links: { title: 'No links yet', text: 'Web addresses that somebody writes in this chat are found here.' },
    sounds: { title: 'No voice messages yet', text: 'Voice messages and audio of this chat are found here.' },
  } satisfies Record<Collection, { readonly title: string; readonly text: string }>,
  open: (what: string, name: string, date: string) => `Open ${what}, ${name}, ${date}`,
  older: 'Show older',
  loading: 'Loading…',
  show: 'Show in chat',
  showOf: (name: string, when: string) => `Show in chat: ${name}, ${when}`,
};
