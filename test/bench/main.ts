/**
 * `npm run bench`: all benches, or those named; `--json FILE` writes the raw figures as well.
 * `-- query --spans 10000000 --data FOLDER` fills a folder, or asks the one that is filled.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { ingest } from './ingest.ts';
import { query } from './query.ts';
import { start } from './start.ts';

/** Raw figures by name: one value a run. */
export type Figures = Record<string, number[]>;

interface Options {
	runs: number;
	seconds: number;
	spans: number;
	data: string | undefined;
}

const benches: Record<string, (options: Options) => Promise<Figures>> = {
	start: ({ runs }) => start(runs),
	ingest: ({ runs, seconds }) => ingest('http', runs, seconds),
	'ingest-grpc': ({ runs, seconds }) => ingest('grpc', runs, seconds),
	query: ({ spans, data }) => query(spans, data),
};

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		json: { type: 'string' },
		runs: { type: 'string', default: '3' },
		seconds: { type: 'string', default: '20' },
		spans: { type: 'string', default: '1000000' },
		data: { type: 'string' },
	},
});
const unknown = positionals.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
	console.error(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
	process.exit(1);
}

const results: Record<string, Figures> = {};
console.log(
	`${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.versions.node}; median (least–greatest) of ${values.runs} runs`,
);
for (const [name, bench] of Object.entries(benches)) {
	if (positionals.length > 0 && !positionals.includes(name)) continue;
	console.log(`\n${name}`);
	results[name] = await bench({
		runs: Number(values.runs),
		seconds: Number(values.seconds),
		spans: Number(values.spans),
		data: values.data,
	});
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, '\t')}\n`);
