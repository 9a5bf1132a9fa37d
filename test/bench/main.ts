/** `npm run bench`: all benches, or those named; `--json FILE` writes the raw figures as well. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { ingest } from './ingest.ts';
import { start } from './start.ts';

/** Raw figures by name: one value a run. */
export type Figures = Record<string, number[]>;

const benches: Record<string, (runs: number, seconds: number) => Promise<Figures>> = {
	start,
	ingest: (runs, seconds) => ingest('http', runs, seconds),
	'ingest-grpc': (runs, seconds) => ingest('grpc', runs, seconds),
};

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		json: { type: 'string' },
		runs: { type: 'string', default: '3' },
		seconds: { type: 'string', default: '20' },
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
	results[name] = await bench(Number(values.runs), Number(values.seconds));
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, '\t')}\n`);
