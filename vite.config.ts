import { readFileSync } from 'node:fs';
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

const licencesFile = 'licences.md';

/** The bundler lists what scripts are made of; fonts come by way of styles. */
const licencesOfFonts: Plugin = {
	name: 'licences-of-fonts',
	generateBundle: {
		order: 'post',
		handler(_, bundle) {
			const licences = bundle[licencesFile];
			if (licences?.type !== 'asset' || typeof licences.source !== 'string')
				throw new Error(`the bundler does not write ${licencesFile} any more`);
			let text = licences.source;
			for (const name of ['@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono']) {
				const read = (file: string): string => readFileSync(`node_modules/${name}/${file}`, 'utf8');
				const { version, license } = JSON.parse(read('package.json')) as { version: string; license: string };
				text += `\n## ${name} - ${version} (${license})\n\n${read('LICENSE')}`;
			}
			licences.source = text;
		},
	},
};

export default defineConfig({
	root: 'ui',
	// Relative, so that one build serves under any base path: the server rewrites the URLs in index.html.
	base: './',
	plugins: [withoutStyleInTags, svelte(), licencesOfFonts],
	build: {
		outDir: '../dist/ui',
		emptyOutDir: true,
		manifest: true,
		target: 'es2023',
		license: { fileName: licencesFile },
	},
	server: { port: 4320, proxy: { '/api': 'http://127.0.0.1:4319' } },
});
