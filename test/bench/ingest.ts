import { startProduct } from '../support/product.ts';
import { runIngest, type RunFigures } from './ingest-run.ts';
import type { BenchOptions, Figures } from './main.ts';
import { makePayloads } from './otlp-payload.ts';
import type { SenderOptions } from './otlp-sender.ts';
import { medianAndSpread } from './statistics.ts';

type Variant = Pick<SenderOptions, 'transport' | 'encoding' | 'compression'> & { hasSlowStore?: boolean };

const VARIANTS: Readonly<Record<string, Variant>> = {
	http: { transport: 'http', encoding: 'protobuf', compression: 'none' },
	'http-gzip': { transport: 'http', encoding: 'protobuf', compression: 'gzip' },
	'http-zstd': { transport: 'http', encoding: 'protobuf', compression: 'zstd' },
	json: { transport: 'http', encoding: 'json', compression: 'none' },
	'json-gzip': { transport: 'http', encoding: 'json', compression: 'gzip' },
	'json-zstd': { transport: 'http', encoding: 'json', compression: 'zstd' },
	grpc: { transport: 'grpc', encoding: 'protobuf', compression: 'none' },
	'grpc-gzip': { transport: 'grpc', encoding: 'protobuf', compression: 'gzip' },
	'slow-store': { transport: 'http', encoding: 'protobuf', compression: 'none', hasSlowStore: true },
};

/** Two runs of one product: nobody asks anything, then somebody looks at screens. */
interface Told extends RunFigures {
	aloneStoredPerSecond: number;
	aloneCollectorCpu: number;
	aloneClickhouseCpu: number;
}

const LINES: readonly [label: string, name: keyof Told][] = [
	['nobody asks: spans/s, until all is stored', 'aloneStoredPerSecond'],
	['nobody asks: collector, CPU-s per million', 'aloneCollectorCpu'],
	['nobody asks: ClickHouse, CPU-s per million', 'aloneClickhouseCpu'],
	['spans/s acknowledged', 'acknowledgedPerSecond'],
	['spans/s, until all is stored', 'storedPerSecond'],
	['collector, CPU-s per million spans', 'collectorCpu'],
	['ClickHouse, CPU-s per million spans', 'clickhouseCpu'],
	['driver, CPU-s per million spans', 'driverCpu'],
	['collector, peak MiB', 'collectorMebibytes'],
	['ClickHouse, peak MiB', 'clickhouseMebibytes'],
	['ack p50, ms', 'ackP50'],
	['ack p99, ms', 'ackP99'],
	['services request p95 meanwhile, ms', 'servicesP95'],
	['queryable after ack, p50, ms', 'queryableP50'],
	['queryable after ack, at most, ms', 'queryableMax'],
	['bytes on disk a span', 'bytesPerSpan'],
];

const warmSeconds = 10;

/** Every way in, or those that are named. Fails unless every span that was acknowledged is stored, and no other. */
export async function ingest(options: BenchOptions): Promise<Figures> {
	const names = options.variants.length > 0 ? options.variants : Object.keys(VARIANTS);
	const figures: Figures = {};
	for (const name of names) {
		const variant = VARIANTS[name];
		if (variant === undefined) throw new Error(`no variant ${name}; there are ${Object.keys(VARIANTS).join(', ')}`);
		for (const [figure, values] of Object.entries(await runVariant(name, variant, options))) {
			figures[`${name}.${figure}`] = values;
		}
	}
	return figures;
}

async function runVariant(name: string, variant: Variant, options: BenchOptions): Promise<Figures> {
	const { runs, seconds, inFlight, spansPerRequest, rate } = options;
	const payloads = makePayloads({ spansPerRequest, requests: 64, seed: 1, encoding: variant.encoding });
	const mean = payloads.reduce((total, { body }) => total + body.byteLength, 0) / payloads.length / spansPerRequest;
	const pace = rate === undefined ? 'as fast as it goes' : `${rate.toLocaleString('en-US')} spans/s`;
	console.log(
		`  ${name}: ${mean.toFixed(0)} bytes a span, ${spansPerRequest} spans a request, at most ${inFlight} in flight, ${pace}, ${seconds} s`,
	);
	const results: Told[] = [];
	for (let run = 0; run < runs; run++) {
		const product = await startProduct({ env: { SPANHOUSE_LOG_LEVEL: 'error' } });
		const { hasSlowStore = false } = variant;
		const each = { ...variant, hasSlowStore, inFlight, rate };
		try {
			// Until V8 has compiled what is hot.
			await runIngest(product, payloads, { ...each, seconds: warmSeconds, isWatched: false });
			const alone = await runIngest(product, payloads, { ...each, seconds, isWatched: false });
			const watched = await runIngest(product, payloads, { ...each, seconds, isWatched: true });
			results.push({
				...watched,
				aloneStoredPerSecond: alone.storedPerSecond,
				aloneCollectorCpu: alone.collectorCpu,
				aloneClickhouseCpu: alone.clickhouseCpu,
			});
		} finally {
			await product.stop();
		}
	}
	const columns = LINES.map(([label, figure]) => [label, figure, results.map((result) => result[figure])] as const);
	for (const [label, , values] of columns) console.log(`    ${label.padEnd(44)} ${medianAndSpread(values)}`);
	return Object.fromEntries(columns.map(([, figure, values]) => [figure, values]));
}
