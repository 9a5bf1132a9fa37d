import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shop = join(root, 'examples/shop');
const folder = mkdtempSync(join(tmpdir(), 'spanhouse-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function spanhouse(...args: string[]): Promise<{ code: number; out: string; problems: string }> {
	const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; problems: string }>();
	const env = { ...process.env, SPANHOUSE_TOKEN: 'sph_secret' };
	execFile(process.execPath, ['bin/spanhouse.js', ...args], { cwd: root, env }, (error, out, problems) =>
		resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, problems }),
	);
	return promise;
}

/** Answers as a server of Spanhouse would; notes what it is asked. */
const answers = new Map<string, { status?: number; body: unknown }>();
const asked: { address: string; authorization: string | undefined; body: string }[] = [];
const server = createServer((request, response) => {
	let body = '';
	request.on('data', (chunk: Buffer) => (body += chunk.toString()));
	request.on('end', () => {
		asked.push({ address: request.url ?? '', authorization: request.headers.authorization, body });
		const found = answers.get((request.url ?? '').split('?')[0] ?? '') ?? { status: 404, body: { detail: 'nothing' } };
		response.writeHead(found.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(found.body));
	});
});
let url = '';
beforeAll(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const copyOfShop = (name: string): string => {
	const copy = join(folder, name);
	cpSync(shop, copy, { recursive: true });
	return copy;
};

test('check takes the examples, and tells file, line and column of what is wrong', async () => {
	expect(await spanhouse('check', shop)).toEqual({
		code: 0,
		out: expect.stringMatching(/^\d+ documents and 3 tests in \d files: all good\n$/),
		problems: '',
	});
	const broken = copyOfShop('broken');
	const text = readFileSync(join(broken, 'alerts.yaml'), 'utf8');
	writeFileSync(join(broken, 'alerts.yaml'), text.replace('measure: p95', 'mesure: p95'));
	const { code, out } = await spanhouse('check', broken);
	expect(code).toBe(1);
	expect(out).toContain('alerts.yaml:12:3: error: spec.mesure: found "mesure", expected measure\n');
	expect(await spanhouse('check', join(folder, 'absent'))).toMatchObject({ code: 1 });
	expect(await spanhouse('check')).toMatchObject({ code: 1, problems: expect.stringContaining('expected DIR') });
});

test('the command test runs the examples, and a test that fails says when, what was found and what was expected', async () => {
	expect(await spanhouse('test', shop)).toMatchObject({ code: 0, out: expect.stringContaining('3 of 3 tests held') });
	const failing = copyOfShop('failing');
	const text = readFileSync(join(failing, 'alerts.yaml'), 'utf8');
	writeFileSync(join(failing, 'alerts.yaml'), text.replace('above: 800ms', 'above: 950ms'));
	const report = join(folder, 'report.xml');
	const { code, out } = await spanhouse('test', failing, '--junit', report);
	expect([code, out]).toEqual([
		1,
		expect.stringContaining('  at 10m for {"http.route":"/checkout"}: found normal, expected firing page'),
	]);
	const xml = readFileSync(report, 'utf8');
	expect(xml).toContain('<testsuite name="spanhouse" tests="3" failures="1">');
	expect(xml).toMatch(/name="a-slow-checkout[^>]*"><failure>at 9m[^<]*&#34;http.route&#34;/);
});

test.each([
	[{ decision: 'allow', reasons: [], notes: ['nothing is wrong'] }, [], 0],
	[{ decision: 'deny', reasons: [{ kind: 'firing', name: 'a', text: 'page a fires' }], notes: [] }, [], 1],
	[{ decision: 'unknown', reasons: [], notes: [] }, [], 2],
	[{ decision: 'unknown', reasons: [], notes: [] }, ['--when-unknown', 'allow'], 0],
	[{ decision: 'unknown', reasons: [], notes: [] }, ['--when-unknown', 'deny'], 1],
])('gate answers %j with %j by exit code %i', async (answer, options, code) => {
	answers.set('/api/v1/gate/shop%2Fcheckout', { body: { service: 'shop/checkout', environment: 'prod', ...answer } });
	const found = await spanhouse(
		'gate',
		'shop/checkout',
		'--env',
		'prod',
		'--intent',
		'fix',
		'--server',
		url,
		...options,
	);
	expect(found).toMatchObject({
		code,
		problems: '',
		out: expect.stringContaining(`${answer.decision}: shop/checkout in prod`),
	});
	expect(asked.at(-1)).toMatchObject({
		address: '/api/v1/gate/shop%2Fcheckout?env=prod&intent=fix',
		authorization: 'Bearer sph_secret',
	});
});

test('gate can’t tell without a server, and does then as it was told', async () => {
	expect(await spanhouse('gate', 'a', '--server', 'http://127.0.0.1:1')).toMatchObject({
		code: 2,
		problems: expect.stringContaining("can't be reached"),
	});
	expect(await spanhouse('gate', 'a', '--server', 'http://127.0.0.1:1', '--when-unknown', 'allow')).toMatchObject({
		code: 0,
	});
	expect(await spanhouse('gate', 'a', '--when-unknown', 'perhaps')).toMatchObject({ code: 1 });
});

test.each([
	['better', 0],
	['same', 0],
	['worse', 1],
	['unsure', 2],
])('verdict says %s by exit code %i', async (verdict, code) => {
	const operations = [{ operation: 'GET /', verdict }];
	answers.set('/api/v1/deploys/checkout/v93', {
		body: { service: 'checkout', version: 'v93', previous: 'v92', verdict, operations },
	});
	const found = await spanhouse('verdict', 'checkout@v93', '--server', url);
	expect(found).toMatchObject({ code, out: expect.stringContaining(`${verdict}: checkout@v93, compared with v92`) });
	expect(found.out.includes('worse: GET /')).toBe(verdict === 'worse');
});

test('verdict names what came with a version and what went, on lines of its own, and how much more there is', async () => {
	const hosts = Array.from({ length: 25 }, (_, n) => ({ node: `external:h${n}.test`, calls: 1 }));
	const body = {
		service: 'checkout',
		version: 'v94',
		previous: null,
		verdict: 'same',
		operations: [],
		contents: {
			newIssues: { list: [{ type: 'Timeout', title: 'late\n\u001b[2Jworse: all' }] },
			newQueries: { list: [{ text: '', summary: 'GET' }] },
			newDependencies: { list: hosts, partial: { reason: 'the most called', seen: 25, of: 130 } },
			goneDependencies: { list: [], partial: { reason: 'not yet', seen: 3, of: 12, what: 'parts of the window' } },
		},
	};
	answers.set('/api/v1/deploys/checkout/v94', { body });
	const { out } = await spanhouse('verdict', 'checkout@v94', '--server', url);
	const lines = out.trimEnd().split('\n');
	expect(lines.slice(0, 4)).toEqual([
		'same: checkout@v94, compared with nothing before',
		'  new issue: Timeout late [2Jworse: all',
		'  new query: GET',
		'  new dependency: external:h0.test',
	]);
	expect(lines.slice(-2)).toEqual(['  new dependency: external:h19.test', '  new dependency: 110 more']);
});

test('verdict of a version that nobody has seen is unsure', async () => {
	expect(await spanhouse('verdict', 'checkout@v1', '--server', url)).toMatchObject({
		code: 2,
		problems: expect.stringContaining('nothing'),
	});
	expect(await spanhouse('verdict', 'checkout', '--server', url)).toMatchObject({
		code: 1,
		problems: expect.stringContaining('SERVICE@VERSION'),
	});
});

test('diff and backtest tell what a server would change, and how often changed rules would have fired', async () => {
	const { loadFolder } = await import('../desired/load-folder.ts');
	const { documents } = await loadFolder(shop);
	const owner = { source: 'config-repo', file: 'alerts.yaml', line: 2 };
	const live = documents.map(({ document }) => ({ document, version: 1, author: 'a', changedMs: 0, owner }));
	answers.set('/api/v1/config', { body: { sources: [{ name: 'config-repo' }], objects: [] } });
	answers.set('/api/v1/config/documents', { body: { documents: live } });
	const tally = { firings: 2, totalMs: 5_400_000, longestMs: 3_600_000, flaps: 0, noDataRatio: 0 };
	answers.set('/api/v1/backtest', { body: { tally, warnings: ['It would have | fired a lot.'] } });
	expect(await spanhouse('diff', shop, '--server', url)).toMatchObject({ code: 0, out: 'nothing would change\n' });
	const changed = copyOfShop('changed');
	const text = readFileSync(join(changed, 'alerts.yaml'), 'utf8');
	writeFileSync(join(changed, 'alerts.yaml'), text.replace('above: 800ms', 'above: 900ms'));
	rmSync(join(changed, 'objectives.yaml'));
	const { code, out } = await spanhouse('diff', changed, '--server', url);
	expect(code).toBe(0);
	expect(out).toContain(
		'~ update Alert checkout-is-slow (alerts.yaml:2)\n    spec.conditions.0.above: "800ms" → "900ms"\n',
	);
	expect(out).toContain('- delete SLO checkout-latency');
	const told = await spanhouse('backtest', changed, '--server', url, '--since', '24h');
	expect(told).toMatchObject({ code: 0, problems: '' });
	expect(told.out).toContain(
		'| Alert checkout-is-slow | update | fired 2×, 1.5 h in all, longest 1.0 h | fired 2×, 1.5 h in all, longest 1.0 h | It would have \\| fired a lot. |',
	);
	const bodies = asked.filter(({ address }) => address === '/api/v1/backtest').map(({ body }) => body);
	expect(bodies.map((body) => /"above":"(\d+ms)"/.exec(body)?.[1])).toEqual(['800ms', '900ms', undefined]);
	expect(told.out).toContain('| SLO checkout-latency | delete | fired 2×, 1.5 h in all, longest 1.0 h | – |');
	expect(bodies[0]).toContain('"from":"now-24h"');
});
