import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { alerts } from './alerts.ts';
import { decode } from './decode.ts';
import { ingest } from './ingest.ts';
import { install } from './install.ts';
import { layouts } from './layouts.ts';
import { peers } from './peers.ts';
import { query } from './query.ts';
import { sdk } from './sdk.ts';
import { start } from './start.ts';
import { ui } from './ui.ts';

const HELP = `Usage: npm run bench -- [BENCH …] [options]

All benches, or those named: start, install, decode, ingest, peers, sdk, alerts, query, ui. And, only where it is named, layouts.

  --runs N               of each, side by side; the median is printed, with the least and the greatest (3)
  --seconds N            of a run (20)
  --json FILE            writes the raw figures as well
ingest:
  --variant NAME         one way in alone, any number of times: http, http-gzip, http-zstd, json, json-gzip, json-zstd, grpc,
                         grpc-gzip, slow-store
  --spans-per-request N  (1000)
  --in-flight N          requests at once (32)
  --rate N               spans a second, rather than as many as it takes
query:
  --spans N              of a day (1000000)
  --data FOLDER          is filled and kept, or asked as it is where it is filled
layouts:
  --data FOLDER          that query filled: its spans in tables of other orders, types and codecs
  --variant NAME         one of them alone, any number of times
`;

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
	peers,
	sdk,
	alerts,
	query: ({ spans, data }) => query(spans, data),
	ui,
	layouts: ({ data, variants }) => layouts(data, variants),
};
/** Not without being named: it needs a folder that another one fills. */
const onlyNamed: readonly string[] = ['layouts'];

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		help: { type: 'boolean', short: 'h', default: false },
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
if (values.help) {
	console.log(HELP);
	process.exit();
}
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
	if (positionals.length > 0 ? !positionals.includes(name) : onlyNamed.includes(name)) continue;
	console.log(`\n${name}`);
	results[name] = await bench(options);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, '\t')}\n`);
