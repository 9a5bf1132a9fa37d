// Holds the built screen to its budgets, by Vite's manifest: kilobytes (1,000 bytes) of JavaScript and CSS after gzip.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = new URL('../dist/ui/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', folder), 'utf8'));

/** What a page needs before it can be shown: the first one with all that every page needs, or what a screen adds to that. */
const BUDGETS = [
	{ what: 'first load, JavaScript', entries: ['index.html', 'pages/Services.svelte'], type: '.js', most: 80_000 },
	{ what: 'first load, CSS', entries: ['index.html', 'pages/Services.svelte'], type: '.css', most: 12_000 },
	{
		what: 'trace screen, JavaScript',
		entries: ['pages/Trace.svelte'],
		without: ['index.html'],
		type: '.js',
		most: 46_000,
	},
];
/** Of what is fetched later, each. */
const LARGEST_CHUNK = 110_000;

function filesOf(name, files = new Set(), seen = new Set()) {
	if (seen.has(name)) return files;
	seen.add(name);
	const chunk = manifest[name];
	if (chunk === undefined) throw new Error(`${name} is not in the manifest`);
	for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
	for (const imported of chunk.imports ?? []) filesOf(imported, files, seen);
	return files;
}

const sizeOf = (file) => gzipSync(readFileSync(new URL(file, folder)), { level: 9 }).length;

let failed = false;
function hold(what, bytes, most) {
	const isOver = bytes > most;
	failed ||= isOver;
	console.log(`${what}: ${(bytes / 1000).toFixed(1)} of ${most / 1000} kB gzip${isOver ? ' IS OVER ITS BUDGET' : ''}`);
}

for (const { what, entries, without = [], type, most } of BUDGETS) {
	const known = new Set(without.flatMap((name) => [...filesOf(name)]));
	const files = new Set(entries.flatMap((name) => [...filesOf(name)]));
	const counted = [...files].filter((file) => !known.has(file) && file.endsWith(type));
	hold(
		what,
		counted.reduce((sum, file) => sum + sizeOf(file), 0),
		most,
	);
}
const chunks = [...new Set(Object.values(manifest).map(({ file }) => file))].filter((file) => file.endsWith('.js'));
hold('largest chunk', Math.max(...chunks.map(sizeOf)), LARGEST_CHUNK);
if (failed) process.exit(1);
