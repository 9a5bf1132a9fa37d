/**
 * `npm run bench`: all benches, or those named; `--json FILE` writes the raw figures as well.
 * `-- ingest --variant http --rate 100000 --seconds 60 --runs 1` is one way in at a given rate.
 * `-- query --spans 10000000 --data FOLDER` fills a folder, or asks the one that is filled.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { alerts } from './alerts.ts';
import { decode } from './decode.ts';
import { ingest } from './ingest.ts';
import { install } from './install.ts';
import { query } from './query.ts';
import { sdk } from './sdk.ts';
import { start } from './start.ts';
import { ui } from './ui.ts';

/** Raw figures by name: one value a run. */
export type Figures = Record<string, number[]>;

export interface BenchOptions {
	runs: number;
	/** Of a run. */
	seconds: number;
	/** Of ingest; none: all. */
	variants: readonly string[];
	spansPerRequest: number;
	/** Requests at once. */
	inFlight: number;
	/** Spans a second; undefined: as many as it takes. */
	rate: number | undefined;
	/** That query asks about. */
	spans: number;
	/** Folder that query fills, or finds filled. */
	data: string | undefined;
}

const benches: Record<string, (options: BenchOptions) => Promise<Figures>> = {
	start,
	install,
	decode,
	ingest,
	sdk,
	alerts,
	query: ({ spans, data }) => query(spans, data),
	ui,
};

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		/** Writes the raw figures to this file as well. */
		json: { type: 'string' },
		runs: { type: 'string', default: '3' },
		seconds: { type: 'string', default: '20' },
		spans: { type: 'string', default: '1000000' },
		data: { type: 'string' },
		variant: { type: 'string', multiple: true, default: [] },
		'spans-per-request': { type: 'string', default: '1000' },
		'in-flight': { type: 'string', default: '32' },
		rate: { type: 'string' },
	},
});
const unknown = positionals.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
	console.error(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
	process.exit(1);
}

const options: BenchOptions = {
	runs: Number(values.runs),
	seconds: Number(values.seconds),
	variants: values.variant,
	spansPerRequest: Number(values['spans-per-request']),
	inFlight: Number(values['in-flight']),
	rate: values.rate === undefined ? undefined : Number(values.rate),
	spans: Number(values.spans),
	data: values.data,
};
const results: Record<string, Figures> = {};
console.log(
	`${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.versions.node}; median (least–greatest) of ${options.runs} runs`,
);
for (const [name, bench] of Object.entries(benches)) {
	if (positionals.length > 0 && !positionals.includes(name)) continue;
	console.log(`\n${name}`);
	results[name] = await bench(options);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, '\t')}\n`);
