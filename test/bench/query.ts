import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../collector/log.ts';
import { EmbeddedServer } from '../../collector/store/embedded-server.ts';
import { clickHouseFront } from '../support/clickhouse-front.ts';
import type { ClickHouseFront, ReadSummary } from '../support/clickhouse-front.ts';
import { startProduct } from '../support/product.ts';
import { fill } from './fill.ts';
import type { Filled } from './fill.ts';
import type { Figures } from './main.ts';
import { QUESTIONS } from './questions.ts';
import type { Question } from './questions.ts';
import { quantile } from './statistics.ts';

const warmUps = 2;
const times = 15;

/**
 * What each question takes through the API, against its target, with a day of traffic in the store. ClickHouse is a server
 * of its own here, behind a proxy that notes what queries read. A folder that is filled already is asked as it is.
 */
export async function query(spans: number, folder: string | undefined): Promise<Figures> {
	const data = folder ?? mkdtempSync(join(tmpdir(), 'spanhouse-bench-'));
	const reads: ReadSummary[] = [];
	const server = await EmbeddedServer.start(data, silentLog);
	const front = await clickHouseFront(server, 0, (summary) => reads.push(summary));
	try {
		return await ask(spans, data, front, reads);
	} finally {
		await front.close();
		await server.stop();
		if (folder === undefined) rmSync(data, { recursive: true, force: true });
	}
}

async function ask(spans: number, data: string, front: ClickHouseFront, reads: ReadSummary[]): Promise<Figures> {
	const env = { CLICKHOUSE_URL: front.url, SPANHOUSE_LOG_LEVEL: 'error' };
	const product = await startProduct({ args: ['--data-dir', join(data, 'collector')], env });
	try {
		const note = join(data, 'filled.json');
		if (!existsSync(note)) writeFileSync(note, JSON.stringify(await fill(product, spans)));
		const filled = JSON.parse(readFileSync(note, 'utf8')) as Filled;
		console.log(`  ${filled.spans.toLocaleString('en-US')} spans over 24 h; ${times} times each, after ${warmUps}`);
		console.log(
			`  ${'question'.padEnd(58)} ${['median', 'p95', 'target', 'rows read', 'MiB read'].map((head) => head.padStart(9)).join(' ')}`,
		);
		const figures: Figures = {};
		for (const question of QUESTIONS) {
			figures[question.name] = await measure(question, `${product.ready.ui}/api/v1`, filled, reads);
		}
		return figures;
	} finally {
		await product.stop();
	}
}

async function measure(question: Question, api: string, filled: Filled, reads: ReadSummary[]): Promise<number[]> {
	const taken: number[] = [];
	for (let turn = 0; turn < warmUps + times; turn += 1) {
		reads.length = 0;
		const { path, body } = question.ask(filled, turn);
		const init =
			body === undefined
				? {}
				: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
		const startedMs = performance.now();
		const answer = await fetch(api + path, init);
		const text = await answer.text();
		if (turn >= warmUps) taken.push(performance.now() - startedMs);
		if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${text.slice(0, 500)}`);
		question.check?.(JSON.parse(text) as Record<string, unknown>);
	}
	const rows = reads.reduce((total, { readRows }) => total + readRows, 0);
	const bytes = reads.reduce((total, { readBytes }) => total + readBytes, 0);
	const columns = [
		`${quantile(taken, 0.5).toFixed(0)} ms`,
		`${quantile(taken, 0.95).toFixed(0)} ms`,
		question.targetMs === undefined ? '' : `${question.targetMs} ms`,
		rows.toLocaleString('en-US'),
		(bytes / 2 ** 20).toFixed(1),
	];
	console.log(`  ${question.name.padEnd(58)} ${columns.map((column) => column.padStart(9)).join(' ')}`);
	return taken;
}
