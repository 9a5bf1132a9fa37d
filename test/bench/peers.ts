/**
 * The OpenTelemetry Collector beside Spanhouse, in turns, with the same driver and the same spans: receiving alone, which tells
 * how fast this machine is, and storing in a ClickHouse of the same version by its exporter.
 */
import { loneEngine } from '../support/cluster-engines.ts';
import { childrenOf, usageOf } from '../support/process-usage.ts';
import { otelCollector, startOtelCollector } from '../support/otel-collector.ts';
import { startProduct, until } from '../support/product.ts';
import { hasGo } from '../support/toolchain.ts';
import { Sending } from './ingest-run.ts';
import { storedSpans } from './ingest-watch.ts';
import type { BenchOptions, Figures } from './main.ts';
import { makePayloads } from './otlp-payload.ts';
import { medianAndSpread } from './statistics.ts';

interface Peer {
	otlpHttp: string;
	/** Of the program, and of its store where it has one. */
	pids: { program: number; store?: number };
	/** Undefined where nothing is stored. */
	stored?: () => Promise<{ rows: number; bytesOnDisk: number }>;
	stop(): Promise<void>;
}

/** What has gathered is stored every so often, in batches as its README advises; a full queue holds senders up. */
const queue = {
	sending_queue: { block_on_overflow: true, num_consumers: 10, batch: { min_size: 5_000, flush_timeout: '1s' } },
};
const synchronous = { sending_queue: { enabled: false } };

const STORED = `SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytesOnDisk FROM system.parts
	WHERE active AND database = 'otel' AND table = 'otel_traces' FORMAT JSONEachRow`;

async function collectorAlone(program: string): Promise<Peer> {
	const collector = await startOtelCollector(program, { nop: {} });
	return {
		otlpHttp: collector.url,
		pids: { program: collector.process.pid ?? 0 },
		stop: async () => collector.stop(),
	};
}

const collectorToClickHouse = (settings: object) => async (program: string) => {
	const engine = await loneEngine();
	const exporter = { endpoint: engine.native, database: 'otel', timeout: '30s', ...settings };
	const collector = await startOtelCollector(program, { clickhouse: exporter });
	return {
		otlpHttp: collector.url,
		pids: { program: collector.process.pid ?? 0, store: engine.pid },
		stored: async () => {
			const answer = await fetch(
				`${engine.url}/?query=${encodeURIComponent(STORED)}&output_format_json_quote_64bit_integers=0`,
			);
			return (await answer.json()) as { rows: number; bytesOnDisk: number };
		},
		stop: async () => {
			collector.stop();
			await engine.close();
		},
	};
};

async function spanhouse(): Promise<Peer> {
	const product = await startProduct({ env: { SPANHOUSE_LOG_LEVEL: 'error' } });
	const program = product.process.pid ?? 0;
	return {
		otlpHttp: product.ready.otlpHttp,
		pids: { program, store: childrenOf(program)[0] ?? 0 },
		stored: () => storedSpans(product),
		stop: async () => void (await product.stop()),
	};
}

const PEERS: Readonly<Record<string, (program: string) => Promise<Peer>>> = {
	'OpenTelemetry Collector, receives alone': collectorAlone,
	'OpenTelemetry Collector → ClickHouse, answers from memory': collectorToClickHouse(queue),
	'OpenTelemetry Collector → ClickHouse, answers what is stored': collectorToClickHouse(synchronous),
	Spanhouse: spanhouse,
};

const LINES = {
	acknowledged: 'spans/s acknowledged',
	stored: 'spans/s, until all is stored',
	programCpu: 'the program, CPU-s per million spans',
	storeCpu: 'ClickHouse, CPU-s per million spans',
	programMebibytes: 'the program, peak MiB',
	storeMebibytes: 'ClickHouse, peak MiB',
	bytes: 'bytes on disk a span',
	lostOrDoubled: 'stored more (+) or fewer (−) than acknowledged',
} as const;
type PeerFigures = Partial<Record<keyof typeof LINES, number>>;

/** Skipped with a message where there is no Go. */
export async function peers(options: BenchOptions): Promise<Figures> {
	if (!hasGo) {
		console.log('  skipped: there is no Go, with which the OpenTelemetry Collector is built');
		return {};
	}
	const program = otelCollector();
	const results = new Map<string, PeerFigures[]>(Object.keys(PEERS).map((name) => [name, []]));
	for (let run = 0; run < options.runs; run += 1) {
		for (const [name, start] of Object.entries(PEERS)) {
			const peer = await start(program);
			try {
				results.get(name)?.push(await measure(peer, options));
			} finally {
				await peer.stop();
			}
		}
	}
	const figures: Figures = {};
	for (const [name, runs] of results) {
		console.log(`  ${name}`);
		for (const [figure, label] of Object.entries(LINES)) {
			const values = runs.flatMap((run) => run[figure as keyof typeof LINES] ?? []);
			if (values.length === 0) continue;
			console.log(`    ${label.padEnd(48)} ${medianAndSpread(values)}`);
			figures[`${name}: ${figure}`] = values;
		}
	}
	return figures;
}

async function measure({ otlpHttp, pids, stored }: Peer, options: BenchOptions): Promise<PeerFigures> {
	const { seconds, inFlight, spansPerRequest } = options;
	const payloads = makePayloads({ spansPerRequest, requests: 64, seed: 1, encoding: 'protobuf' });
	const usage = () => ({
		program: usageOf(pids.program),
		...(pids.store === undefined ? {} : { store: usageOf(pids.store) }),
	});
	const before = usage();
	const http = { transport: 'http', encoding: 'protobuf', compression: 'none', inFlight, rate: undefined } as const;
	const sending = new Sending({ otlpHttp, otlpGrpc: '' }, payloads, http);
	const beganMs = performance.now();
	await sending.run(beganMs + seconds * 1_000);
	const perSecond = () => sending.spans / ((performance.now() - beganMs) / 1_000);
	const acknowledged = perSecond();
	const size = stored === undefined ? undefined : await settled(stored, sending.spans);
	const storedPerSecond = perSecond();
	const after = usage();
	const cpu = (who: 'program' | 'store') =>
		(((after[who]?.cpuSeconds ?? 0) - (before[who]?.cpuSeconds ?? 0)) / sending.spans) * 1e6;
	return {
		acknowledged,
		programCpu: cpu('program'),
		programMebibytes: after.program.peakBytes / 2 ** 20,
		...(size === undefined || after.store === undefined
			? {}
			: {
					stored: storedPerSecond,
					storeCpu: cpu('store'),
					storeMebibytes: after.store.peakBytes / 2 ** 20,
					bytes: size.bytesOnDisk / size.rows,
					lostOrDoubled: size.rows - sending.spans,
				}),
	};
}

const stillMs = 10_000;

/** When all is stored, or nothing more came for a while: what was acknowledged may be lost, or stored twice. */
async function settled(stored: NonNullable<Peer['stored']>, sent: number) {
	let last = { rows: 0, bytesOnDisk: 0 };
	let lastMs = performance.now();
	return until(
		async () => {
			const now = await stored();
			if (now.rows !== last.rows) lastMs = performance.now();
			last = now;
			return now.rows >= sent || performance.now() - lastMs > stillMs ? now : undefined;
		},
		'what was acknowledged is stored',
		120_000,
	);
}
