import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
	root: 'ui',
	// Relative, so that one build serves under any base path: the server rewrites the URLs in index.html.
	base: './',
	plugins: [svelte()],
	build: {
		outDir: '../dist/ui',
		emptyOutDir: true,
		manifest: true,
		target: 'es2023',
		license: { fileName: 'licences.md' },
	},
	server: { port: 4320, proxy: { '/api': 'http://127.0.0.1:4319' } },
});
