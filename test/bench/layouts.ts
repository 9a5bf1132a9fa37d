import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../collector/log.ts';
import { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';
import type { ServerAddress } from '../../collector/store/engine/embedded-server.ts';
import { childrenOf, usageOf } from '../support/process-usage.ts';
import type { Filled } from './fill.ts';
import type { Figures } from './main.ts';

/** How `spans` could lie as well: what becomes of the text that creates it. */
const LAYOUTS: Readonly<Record<string, (created: string) => string>> = {
	'as it is': (created) => created,
	'ordered by service first': ordered('project, service, toStartOfFiveMinutes(time), trace_id'),
	'ordered by five minutes, then service': ordered('project, toStartOfFiveMinutes(time), service, trace_id'),
	'ordered by time': ordered('project, time'),
	'ordered by trace id': ordered('project, trace_id'),
	'2,048 rows a granule': granules(2_048),
	'4,096 rows a granule': granules(4_096),
	'8,192 rows a granule': granules(8_192),
	'skip indexes of 4 granules': (created) => created.replaceAll('GRANULARITY 1', 'GRANULARITY 4'),
	'no LowCardinality': (created) => created.replaceAll(/LowCardinality\(String\)/g, 'String'),
	'ZSTD(1) alone': (created) =>
		created.replaceAll(/CODEC\((?:Delta\(8\), |T64, )?(?:ZSTD\(1\)|NONE)\)/g, 'CODEC(ZSTD(1))'),
	LZ4: (created) => created.replaceAll('ZSTD(1)', 'LZ4'),
	'no skip indexes': (created) => created.replaceAll(/\n\s*INDEX [^\n]+/g, ''),
};

function granules(rows: number): (created: string) => string {
	return (created) => created.replace(/index_granularity = \d+/, `index_granularity = ${rows}`);
}

function ordered(key: string): (created: string) => string {
	return (created) => created.replace(/ORDER BY \([^\n]+\)/, `ORDER BY (${key})`);
}

/** In words of the table itself: what layouts differ in is what these read. */
const questionsOf = ({ toMs, traceIds, rareValue }: Filled): Readonly<Record<string, string>> => {
	const since = (hours: number) =>
		`project = 'default' AND time >= fromUnixTimestamp64Milli(${toMs - hours * 3_600_000})`;
	const service = `service = (SELECT any(service) FROM {table} WHERE project = 'default' AND trace_id = unhex('${traceIds[0]}'))`;
	return {
		'trace by id, whole': `SELECT * FROM {table} WHERE project = 'default' AND trace_id = unhex('${traceIds[1]}')`,
		'newest of a service, 1 h': `SELECT span_id FROM {table} WHERE ${since(1)} AND ${service} ORDER BY time DESC LIMIT 20`,
		'slowest of a service, 24 h': `SELECT span_id FROM {table} WHERE ${since(24)} AND ${service} ORDER BY duration_nano DESC LIMIT 20`,
		'rare value, 24 h': `SELECT span_id FROM {table} WHERE ${since(24)} AND has(mapValues(attributes_string), '${rareValue}')`,
		'a service by minute, 1 h': `SELECT toStartOfMinute(time) AS minute, count(), countIf(error = 1) FROM {table}
			WHERE ${since(1)} AND ${service} GROUP BY minute`,
	};
};

const times = 10;

/**
 * The spans of a filled folder (`query --data FOLDER`) in tables of other layouts, one after the other: processor time of inserts and
 * merges, bytes, and what questions read and take. Blocks are as large as inserts under load are.
 */
export async function layouts(data: string | undefined, variants: readonly string[]): Promise<Figures> {
	const note = join(data ?? '', 'filled.json');
	if (data === undefined || !existsSync(note)) throw new Error('fill a folder first: bench -- query --data FOLDER');
	const filled = JSON.parse(readFileSync(note, 'utf8')) as Filled;
	const names = variants.length > 0 ? variants : Object.keys(LAYOUTS);
	const server = await EmbeddedServer.start(data, silentLog);
	const engine = new Engine(server.address);
	const figures: Figures = {};
	try {
		await engine.ask('CREATE DATABASE IF NOT EXISTS layouts');
		for (const name of names) {
			const layout = LAYOUTS[name];
			if (layout === undefined) throw new Error(`no layout ${name}; there are ${Object.keys(LAYOUTS).join(', ')}`);
			const found = await measure(engine, layout, filled);
			for (const [figure, value] of Object.entries(found)) figures[`${name}.${figure}`] = [value];
			const shown = Object.entries(found).map(([figure, value]) => `${figure} ${value.toLocaleString('en-US')}`);
			console.log([`  ${name}`, ...shown].join('\n    '));
		}
	} finally {
		await engine.ask('DROP DATABASE IF EXISTS layouts SYNC');
		await server.stop();
	}
	return figures;
}

async function measure(
	engine: Engine,
	layout: (created: string) => string,
	filled: Filled,
): Promise<Record<string, number>> {
	const table = 'layouts.spans';
	const created = (await engine.ask('SHOW CREATE TABLE spanhouse.spans FORMAT TSVRaw')).text;
	await engine.ask(layout(created).replace('TABLE spanhouse.spans', `TABLE ${table}`));
	const perMillion = (seconds: number) => Number(((seconds / filled.spans) * 1e6).toFixed(2));
	const inserted = await engine.ask(`SYSTEM STOP MERGES ${table}`).then(async () =>
		engine.ask(`INSERT INTO ${table} SELECT * FROM spanhouse.spans
			SETTINGS min_insert_block_size_rows = 100000, max_insert_threads = 1, max_threads = 1, optimize_trivial_insert_select = 1`),
	);
	await engine.ask(`SYSTEM START MERGES ${table}`);
	const merged = await engine.ask(`OPTIMIZE TABLE ${table} FINAL SETTINGS alter_sync = 2`);
	const bytes = await engine.ask(`SELECT sum(bytes_on_disk) FROM system.parts WHERE database = 'layouts' AND active`);
	const found: Record<string, number> = {
		'insert, CPU-s a million': perMillion(inserted.cpuSeconds),
		'merge, CPU-s a million': perMillion(merged.cpuSeconds),
		'bytes a span': Number((Number(bytes.text) / filled.spans).toFixed(1)),
	};
	for (const [question, sql] of Object.entries(questionsOf(filled))) {
		const statement = sql.replaceAll('{table}', table);
		const first = await engine.ask(statement);
		let cpuSeconds = 0;
		for (let turn = 0; turn < times; turn += 1) cpuSeconds += (await engine.ask(statement)).cpuSeconds;
		found[`${question}: rows`] = first.readRows;
		found[`${question}: CPU ms`] = Math.round((cpuSeconds / times) * 1_000);
	}
	await engine.ask(`DROP TABLE ${table} SYNC`);
	return found;
}

/** The engine by itself, with the processor time of its process, which does nothing else. */
class Engine {
	readonly #address: ServerAddress;
	readonly #pid = childrenOf(process.pid)[0] ?? 0;

	constructor(address: ServerAddress) {
		this.#address = address;
	}

	async ask(sql: string): Promise<{ text: string; cpuSeconds: number; readRows: number }> {
		const { url, headers } = this.#address;
		const before = usageOf(this.#pid).cpuSeconds;
		const answer = await fetch(`${url}/?wait_end_of_query=1`, { method: 'POST', headers, body: sql });
		const text = await answer.text();
		if (!answer.ok) throw new Error(text.slice(0, 500));
		const summary = JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '{}') as { read_rows?: string };
		const cpuSeconds = usageOf(this.#pid).cpuSeconds - before;
		return { text: text.trim(), cpuSeconds, readRows: Number(summary.read_rows ?? 0) };
	}
}
