import { parseArgs } from 'node:util';
import { TraceReader } from '../../collector/receiver/read-traces.ts';
import { makePayloads } from './otlp-payload.ts';

/** How many spans one core takes from bytes to the columns that are stored. `node test/bench/decode.ts --encoding json` */
const { values } = parseArgs({
	options: {
		encoding: { type: 'string', default: 'protobuf' },
		'spans-per-request': { type: 'string', default: '512' },
		seconds: { type: 'string', default: '5' },
	},
});
const encoding = values.encoding === 'json' ? 'json' : 'protobuf';
const payloads = makePayloads({
	spansPerRequest: Number(values['spans-per-request']),
	requests: 16,
	seed: 1,
	encoding,
});
const reader = new TraceReader();
const now = Date.now();
const bodies = payloads.map((payload) => payload.fresh(now));
const context = { project: 'default', receivedMs: now, retentionMs: 7 * 86_400_000 };

/** Counts the processor's time and not the clock's, so that neighbours on the machine do not matter. */
function run(milliseconds: number): { spans: number; bytes: number; cpuMs: number } {
	const start = performance.now();
	const before = process.cpuUsage();
	let spans = 0;
	let bytes = 0;
	for (let i = 0; performance.now() - start < milliseconds; i = (i + 1) % bodies.length) {
		const body = bodies[i] ?? new Uint8Array();
		spans += reader.read(body, encoding, context).report.accepted;
		bytes += body.length;
	}
	const { user, system } = process.cpuUsage(before);
	return { spans, bytes, cpuMs: (user + system) / 1_000 };
}

run(1_000); // warm up
const { spans, bytes, cpuMs } = run(Number(values.seconds) * 1_000);
const perSecond = Math.round((spans / cpuMs) * 1_000);
console.log(
	`${encoding}: ${perSecond.toLocaleString('en')} spans a CPU second, ${(bytes / spans).toFixed(0)} bytes a span, ` +
		`${((bytes / cpuMs) * 1e-3).toFixed(0)} MB/s`,
);
