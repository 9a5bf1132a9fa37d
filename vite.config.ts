import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** The content security policy knows no style in a tag, and bits-ui has it in one place: a class says the same. */
const withoutStyleInTags: Plugin = {
	name: 'without-style-in-tags',
	enforce: 'pre',
	transform: (code, id) =>
		/\/bits-ui\/.*\.svelte$/.test(id)
			? { code: code.replaceAll('style="display: contents;"', 'class="contents"'), map: null }
			: undefined,
};

export default defineConfig({
	root: 'ui',
	// Relative, so that one build serves under any base path: the server rewrites the URLs in index.html.
	base: './',
	plugins: [withoutStyleInTags, svelte()],
	build: {
		outDir: '../dist/ui',
		emptyOutDir: true,
		manifest: true,
		target: 'es2023',
		license: { fileName: 'licences.md' },
	},
	server: { port: 4320, proxy: { '/api': 'http://127.0.0.1:4319' } },
});
