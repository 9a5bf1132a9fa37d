/** The published form: packed, installed by a stranger into an empty folder, started, used, ended. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALLOWED_LICENCES } from '../../../scripts/licences.ts';
import { projectRoot, startProduct, until } from '../../support/product.ts';

const run = promisify(execFile);
const aside = mkdtempSync(join(tmpdir(), 'spanhouse-package-'));
const stranger = join(aside, 'stranger');
let tarball: string;
let files: string[];

beforeAll(async () => {
	const args = ['pack', '--json', '--pack-destination', aside];
	const { stdout } = await run('npm', args, { cwd: projectRoot, maxBuffer: 16 * 1024 * 1024 });
	// The build that comes before it may have written lines of its own.
	const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string; files: { path: string }[] }];
	tarball = join(aside, packed.filename);
	files = packed.files.map(({ path }) => path);
}, 240_000);
afterAll(() => rmSync(aside, { recursive: true, force: true }));

test('the tarball holds what was built, migrations and documents, and nothing else', () => {
	const allowed = [
		/^(package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/,
		/^docs\/(howto\/)?[\w-]+\.md$/,
		/^docs\/images\/[\w-]+\.png$/,
		/^bin\/spanhouse\.js$/,
		/^dist\/(collector|schema)\/([\w-]+\/)*[\w-]+\.js$/,
		/^dist\/schema\/clickhouse\/\d{4}_\w+\.sql$/,
		/^dist\/ui\/(index\.html|favicon\.svg|licences\.md)$/,
		/^dist\/ui\/assets\/[\w.-]+\.(js|css|woff2)$/,
	];
	expect(files.filter((path) => !allowed.some((form) => form.test(path)))).toEqual([]);
	expect(files).toEqual(
		expect.arrayContaining([
			'dist/collector/cli.js',
			'dist/collector/decode-worker.js',
			'dist/collector/api/arrange-worker.js',
			'dist/collector/issue-search-worker.js',
			'dist/collector/store/engine/embedded-child.js',
			'dist/schema/clickhouse/0001_spans.sql',
			'dist/ui/index.html',
		]),
	);
	expect(statSync(tarball).size).toBeLessThan(3_000_000);
});

test('it names the licences of all that the screen is bundled from', () => {
	const text = execFileSync('tar', ['-xOf', tarball, 'package/dist/ui/licences.md'], { encoding: 'utf8' });
	const parts = [...text.matchAll(/^## (\S+) - \S+(?: \((.+)\))?$/gm)].map(([, name, licence]) => ({ name, licence }));
	expect(parts.map(({ name }) => name)).toEqual(
		expect.arrayContaining(['svelte', 'bits-ui', '@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono']),
	);
	// MIT by its repository, github.com/huntabyte/svelte-toolbelt; the package doesn't say it.
	const others = parts.filter(({ name }) => name !== 'svelte-toolbelt');
	expect(others.filter(({ licence }) => !ALLOWED_LICENCES.has(licence ?? ''))).toEqual([]);
});

test('a Node.js that is too old is told so, in one line', async () => {
	const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '22.17.1' } })`;
	const failed = run(process.execPath, ['--import', pretend, 'bin/spanhouse.js'], { cwd: projectRoot });
	const error = (await failed.catch((error: unknown) => error)) as { code: number; stderr: string };
	expect(error.code).toBe(1);
	expect(error.stderr).toMatch(/^spanhouse needs Node 22\.18 or newer, this is 22\.17\.1\..*\n$/);
});

const hasRegistry = await run('npm', ['view', 'hono', 'version', '--prefer-offline']).then(
	() => true,
	() => false,
);
if (!hasRegistry)
	process.stderr.write('skipped: no registry answers npm, so nothing can be installed from the tarball\n');

describe.skipIf(!hasRegistry)('installed in an empty folder', () => {
	beforeAll(async () => {
		execFileSync('mkdir', [stranger]);
		writeFileSync(join(stranger, 'package.json'), '{ "private": true }\n');
		const args = ['install', tarball, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
		await run('npm', args, { cwd: stranger });
	}, 400_000);

	test('`spanhouse` starts, takes a span, gives it back, and ends with 0', { timeout: 240_000 }, async () => {
		const manifest = JSON.parse(readFileSync(join(stranger, 'node_modules/spanhouse/package.json'), 'utf8')) as object;
		const { version } = manifest as { version: string };
		const printed = await run('npx', ['spanhouse', '--version'], { cwd: stranger });
		expect(printed.stdout).toBe(`${version}\n`);

		const product = await startProduct({
			command: ['node_modules/.bin/spanhouse'],
			args: ['--data-dir', 'data'],
			cwd: stranger,
		});
		try {
			const traceId = 'ab'.repeat(16);
			const nano = `${Date.now()}000000`;
			// Large enough to be decoded in a thread.
			const attributes = [{ key: 'padding', value: { stringValue: 'x'.repeat(100_000) } }];
			const spans = Array.from({ length: 20 }, (_, i) => ({
				traceId,
				spanId: (i + 1).toString(16).padStart(16, '0'),
				name: 'from the tarball',
				startTimeUnixNano: nano,
				endTimeUnixNano: nano,
				attributes,
			}));
			const sent = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
			});
			expect(sent.status).toBe(200);
			const found = await until(async () => {
				const answer = await fetch(`${product.ready.ui}/api/v1/spans?q=name:"from the tarball"&limit=50`);
				const { spans } = (await answer.json()) as { spans: { name: string; traceId: string }[] };
				return spans.length === 20 ? spans : undefined;
			}, 'the spans out of the API');
			expect(found[0]).toMatchObject({ traceId, name: 'from the tarball' });
			const screen = await fetch(`${product.ready.ui}/services`);
			expect(await screen.text()).toContain('<div id="app"');
		} finally {
			expect(await product.stop()).toBe(0);
		}
	});
});
