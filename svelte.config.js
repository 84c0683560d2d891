import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/** A relay may be anywhere behind TLS; plain connections only to this machine. */
const RELAYS = ['https:', 'wss:', 'http://localhost:*', 'ws://localhost:*', 'http://127.0.0.1:*', 'ws://127.0.0.1:*'];

/** @type {import('@sveltejs/kit').Config} */
const config = {
  kit: {
    adapter: adapter({ fallback: 'index.html', precompress: false }),
    files: { src: 'app', assets: 'app/static' },
    alias: { $rpc: 'sync/src/rpc/index.ts' },
    paths: { relative: false },
    // The service worker names its cache by the content of the build, so builds of one source are byte for byte equal.
    version: { name: version },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['none'],
        'script-src': ['self', 'wasm-unsafe-eval'],
        'style-src': ['self'],
        // The one inline style: Kit's route announcer (visually hidden live region).
        'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
        'connect-src': ['self', ...RELAYS],
        'worker-src': ['self'],
        'img-src': ['self', 'blob:', 'data:'],
        'media-src': ['self', 'blob:'],
        'font-src': ['self'],
        'manifest-src': ['self'],
        'base-uri': ['none'],
        'form-action': ['none'],
        'require-trusted-types-for': ['script'],
        'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url', 'securechat-worker'],
      },
    },
    typescript: {
      config: (generated) => ({ ...generated, include: [...generated.include, '../svelte.config.js'] }),
    },
  },
};

export default config;
