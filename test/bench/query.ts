import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../collector/log.ts';
import { ClickHouse } from '../../collector/store/engine/clickhouse.ts';
import { BucketDeriver } from '../../collector/store/buckets/bucket-deriver.ts';
import { derivationsOf } from '../../collector/store/buckets/derivations.ts';
import { DERIVED_TABLES } from '../../collector/store/derived/derived-tables.ts';
import { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';
import { clickHouseFront } from '../support/clickhouse-front.ts';
import type { ReadSummary } from '../support/clickhouse-front.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { fill } from './fill.ts';
import type { Filled } from './fill.ts';
import type { Figures } from './main.ts';
import { QUESTIONS } from './questions.ts';
import type { Question } from './questions.ts';
import { quantile } from './statistics.ts';
import { fillWeek } from './week.ts';

/** Of all questions, before any is timed. */
const rounds = 2;
const warmUps = 2;
const times = 15;
const countings = 5;

/**
 * What each question takes through the API of the product as it runs on one machine, against its target, with a day of traffic
 * and a week of counts in the store. Then what each reads, behind a proxy that notes it. A folder that is filled already is
 * asked as it is.
 */
export async function query(spans: number, folder: string | undefined): Promise<Figures> {
	const data = folder ?? mkdtempSync(join(tmpdir(), 'spanhouse-bench-'));
	try {
		const filled = await filledFolder(spans, data);
		console.log(`  ${filled.spans.toLocaleString('en-US')} spans over 24 h; ${times} times each, after ${warmUps}`);
		printBytes(filled);
		const taken = await timed(data, filled);
		await count(data, filled, taken);
		return taken;
	} finally {
		if (folder === undefined) rmSync(data, { recursive: true, force: true });
	}
}

/** As soon as it is known: of a run that is cut short, what was asked is there. */
const print = ([name = '', ...columns]: string[]): void =>
	console.log(`  ${name.padEnd(58)} ${columns.map((column) => column.padStart(9)).join(' ')}`);

const quiet = { SPANHOUSE_LOG_LEVEL: 'error' };

/** Filled by a process of its own: the next one finds everything derived, as it is but for the last half hour. Noted once it is. */
async function filledFolder(spans: number, data: string): Promise<Filled & { bytes?: TableBytes[] }> {
	const note = join(data, 'filled.json');
	if (!existsSync(note)) {
		const product = await startProduct({ args: ['--data-dir', data], env: quiet });
		const filled = await fill(product, spans).finally(() => product.stop());
		const bytes = await settle(data);
		await fillWeek(data);
		writeFileSync(note, JSON.stringify({ ...filled, bytes }));
	}
	return JSON.parse(readFileSync(note, 'utf8')) as Filled & { bytes?: TableBytes[] };
}

/** Tables that account for everything that is stored, and merges that still run. What the status says is of spans alone. */
const SETTLED = `
	SELECT countIf(upTo >= (SELECT max(_commit) FROM spans)) AS derived, (SELECT count() FROM system.merges) AS merging
	FROM (SELECT derived, max(commit) AS upTo FROM derived_progress GROUP BY derived)`;

interface TableBytes {
	name: string;
	bytes: number;
}
const BYTES = `
	SELECT table AS name, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = 'spanhouse'
	GROUP BY name ORDER BY bytes DESC`;

/** Of a day of spans and all that is made of them, before its counts stand there for a week. */
function printBytes({ spans, bytes = [] }: { spans: number; bytes?: readonly TableBytes[] }): void {
	if (bytes.length === 0) return;
	const aSpan = (sum: number): string => (sum / spans).toFixed(1);
	const most = bytes.slice(0, 8).map(({ name, bytes }) => `${name} ${aSpan(bytes)}`);
	const all = bytes.reduce((sum, { bytes }) => sum + bytes, 0);
	console.log(`  bytes on disk a span, everything included: ${aSpan(all)} (${most.join(', ')}), target 40`);
}

/** All buckets, in one go. */
async function deriveBuckets(clickhouse: ClickHouse): Promise<void> {
	const derivations = derivationsOf(clickhouse);
	const buckets = new BucketDeriver({ clickhouse, derivations, log: silentLog, clock: Date.now });
	while ((await buckets.round()).left > 0);
}

/** Until hours are derived as well, and what was merged beside the fill is. The engine is ours, so that it can be asked. */
async function settle(data: string): Promise<TableBytes[]> {
	const beganMs = performance.now();
	const server = await EmbeddedServer.start(data, silentLog);
	const front = await clickHouseFront(server);
	const clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	let bytes: TableBytes[] = [];
	try {
		const product = await startProduct({ args: ['--data-dir', data], env: { CLICKHOUSE_URL: front.url, ...quiet } });
		const isSettled = async () => {
			const [found] = await clickhouse.rows<{ derived: number; merging: number }>(SETTLED, {});
			return found?.derived === DERIVED_TABLES.length && found.merging === 0 ? true : undefined;
		};
		await until(isSettled, 'all is derived', 900_000).finally(() => product.stop());
		await deriveBuckets(clickhouse);
		bytes = await clickhouse.rows<TableBytes>(BYTES, {});
	} finally {
		await clickhouse.close();
		await front.close();
		await server.stop();
	}
	console.log(
		`  settled in ${((performance.now() - beganMs) / 1_000).toFixed(0)} s: every table is derived, nothing merges`,
	);
	return bytes;
}

async function timed(data: string, filled: Filled): Promise<Figures> {
	const product = await startProduct({ args: ['--data-dir', data], env: quiet });
	const figures: Figures = {};
	print(['question', 'median', 'p95', 'target']);
	try {
		await warmUp(product, filled);
		for (const question of QUESTIONS) {
			const { name, targetMs } = question;
			const taken = await timesOf(question, product, filled);
			if (taken === undefined) continue;
			figures[name] = taken;
			const [median, p95] = [0.5, 0.95].map((share) => `${quantile(taken, share).toFixed(0)} ms`);
			print([name, median ?? '', p95 ?? '', targetMs === undefined ? '' : `${targetMs} ms`]);
		}
	} finally {
		await product.stop();
	}
	return figures;
}

/** What runs for a while has read its tables and compiled itself, which the first questions would pay for otherwise. Refusals come later. */
async function warmUp(product: Product, filled: Filled): Promise<void> {
	for (let round = 0; round < rounds; round += 1) {
		for (const question of QUESTIONS) await ask(question, product, filled, round).catch(() => undefined);
	}
}

/** Undefined, and said, for a question that is refused, as those are that take more than the store gives them. */
async function timesOf(question: Question, product: Product, filled: Filled): Promise<number[] | undefined> {
	const taken: number[] = [];
	for (let turn = 0; turn < warmUps + times; turn += 1) {
		const startedMs = performance.now();
		const answered = await ask(question, product, filled, turn).catch((error: unknown) => error as Error);
		if (answered instanceof Error) {
			print([question.name, answered.message]);
			return undefined;
		}
		if (turn >= warmUps) taken.push(performance.now() - startedMs);
		question.check?.(JSON.parse(answered) as Record<string, unknown>);
	}
	return taken;
}

/** Rows and bytes of all queries of a question: the least of a few times, because what runs beside it is counted too. */
async function count(data: string, filled: Filled, taken: Figures): Promise<void> {
	const reads: ReadSummary[] = [];
	const server = await EmbeddedServer.start(data, silentLog);
	const front = await clickHouseFront(server, 0, (summary) => reads.push(summary));
	print(['question', 'rows read', 'MiB read']);
	try {
		const product = await startProduct({ args: ['--data-dir', data], env: { CLICKHOUSE_URL: front.url, ...quiet } });
		for (const question of QUESTIONS.filter(({ name }) => taken[name] !== undefined)) {
			const turns: { rows: number; bytes: number }[] = [];
			for (let turn = 0; turn < countings; turn += 1) {
				reads.length = 0;
				await ask(question, product, filled, turn);
				const rows = reads.reduce((total, { readRows }) => total + readRows, 0);
				turns.push({ rows, bytes: reads.reduce((total, { readBytes }) => total + readBytes, 0) });
			}
			const { rows, bytes } = turns.reduce((least, turn) => (turn.rows < least.rows ? turn : least));
			print([question.name, rows.toLocaleString('en-US'), (bytes / 2 ** 20).toFixed(1)]);
		}
		await product.stop();
	} finally {
		await front.close();
		await server.stop();
	}
}

async function ask(question: Question, product: Product, filled: Filled, turn: number): Promise<string> {
	const { path, body } = question.ask(filled, turn);
	const init =
		body === undefined
			? {}
			: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
	const answer = await fetch(`${product.ready.ui}/api/v1${path}`, init);
	const text = await answer.text();
	if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${text.slice(0, 500)}`);
	return text;
}
