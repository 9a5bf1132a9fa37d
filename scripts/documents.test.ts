import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseQuery } from '../schema/query-language.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = globSync(['*.md', 'docs/**/*.md', 'sdk/*.md', 'demo/**/*.md', 'test/**/*.md'], { cwd: root }).filter(
	(path) => !path.includes('node_modules') && !path.includes('/fixtures/'),
);
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
/** What stands in code is no link and no heading. */
const proseOf = (path: string): string =>
	textOf(path)
		.replaceAll(/^( *)(`{3,})[^]*?^\1\2/gm, '')
		.replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '));

/** As GitHub makes them: small letters, blanks to dashes, nothing but words and dashes; repeats are numbered. */
function anchorsOf(path: string): Set<string> {
	const seen = new Map<string, number>();
	const anchors = [...proseOf(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
		const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
		const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
		const repeats = seen.get(anchor) ?? 0;
		seen.set(anchor, repeats + 1);
		return repeats === 0 ? anchor : `${anchor}-${repeats}`;
	});
	return new Set(anchors);
}

test.each(documents)('links of %s lead somewhere', (path) => {
	const links = [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
	const broken = links.filter((link) => {
		if (/^[a-z]+:/.test(link)) return false;
		const [file = '', anchor] = link.split('#');
		const target = file === '' ? path : join(dirname(path), decodeURIComponent(file));
		if (!existsSync(join(root, target))) return true;
		return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
	});
	expect(broken).toEqual([]);
});

test('every document is reached from the README', () => {
	const reached = new Set(['README.md']);
	for (const path of reached) {
		for (const [, link = ''] of proseOf(path).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
			const target = join(dirname(path), link);
			if (target.endsWith('.md') && existsSync(join(root, target))) reached.add(target);
		}
	}
	const guides = documents.filter((path) => /^docs\/(howto\/)?[\w-]+\.md$/.test(path) || path === 'SECURITY.md');
	expect(guides.filter((path) => !reached.has(path))).toEqual([]);
});

interface Manifest {
	scripts: Record<string, string>;
	workspaces: string[];
}
const manifest = JSON.parse(textOf('package.json')) as Manifest;

test('every npm command that a document names is a script', () => {
	const unknown = documents.flatMap((path) =>
		[...textOf(path).matchAll(/\bnpm (?:run )?(?:--silent )?([a-z][\w:-]*)/g)].flatMap(([command, name = '']) => {
			const isRun = command.startsWith('npm run');
			if (!isRun && !['start', 'test'].includes(name)) return [];
			return manifest.scripts[name] === undefined ? [`${path}: ${command}`] : [];
		}),
	);
	expect(unknown).toEqual([]);
});

test("the README's first commands are those that a fresh machine is tried with", () => {
	const blocks = [...textOf('README.md').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) => block.trim());
	expect(blocks[0]).toBe('npm ci && npm start');
	expect(blocks[1]).toBe('npm run demo');
	expect(textOf('test/smoke/start.ts')).toContain("command: ['npm', 'start', '--']");
	expect(textOf('.ci/run')).toContain("step 'npm ci' npm ci");
});

test('every search that newcomers are shown is one', () => {
	const [, table = ''] = /^## Searches$([^]*?)^## /m.exec(textOf('docs/coming-from.md')) ?? [];
	const searches = [...table.matchAll(/\| `([^`]+)` +\|$/gm)].map(([, search = '']) => search.replaceAll('\\|', '|'));
	expect(searches.length).toBeGreaterThan(12);
	expect(searches.filter((search) => parseQuery(search).kind === 'error')).toEqual([]);
});

test('every test and source that a document names by its path is there', () => {
	const files = globSync(['{collector,schema,sdk,ui,demo,scripts,test}/**/*.ts'], {
		cwd: root,
		exclude: (path) => /(^|\/)(node_modules|dist)(\/|$)/.test(path),
	});
	const missing = documents.flatMap((path) =>
		[...textOf(path).matchAll(/`([\w./-]+\.ts)`/g)].flatMap(([, name = '']) => {
			const isPath = /^(collector|schema|sdk|ui|demo|scripts|test)\//.test(name);
			// Beside one that was named with its folder.
			const isShort = name.endsWith('.test.ts') && !name.includes('/');
			const isThere = isPath ? files.includes(name) : !isShort || files.some((file) => file.endsWith(`/${name}`));
			return isThere ? [] : [`${path}: ${name}`];
		}),
	);
	expect(missing).toEqual([]);
});
