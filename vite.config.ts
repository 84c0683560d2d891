import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

/**
 * What several screens share is one file of some 280 kB, nearly all of which the start needs. Cut as fine as the screens
 * differ it comes as forty files, and to ask for each of them costs the start more than what a screen could do without.
 */
const SHARED = { name: 'shared', minShareCount: 2 };
/**
 * Both throw while they are loaded. For an error's stack the browser may have to parse the whole file once more, so theirs
 * is a small one.
 */
const FRAMEWORK = { name: 'framework', test: /node_modules[\\/](svelte|@sveltejs)[\\/]/, priority: 1 };

export default defineConfig({
  plugins: [sveltekit()],
  build: { target: 'es2022', assetsInlineLimit: 0 },
  environments: {
    client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [FRAMEWORK, SHARED] } } } } },
  },
  worker: { format: 'es' },
});
