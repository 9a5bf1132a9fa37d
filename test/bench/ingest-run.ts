import { childrenOf, usageOf } from '../support/process-usage.ts';
import type { Product, Ready } from '../support/product.ts';
import { allCounted, allStored, QueryableWatch, storedSpans, watchServices } from './ingest-watch.ts';
import type { makePayloads } from './otlp-payload.ts';
import { otlpSender, type SenderOptions } from './otlp-sender.ts';
import { slowDown } from './slow-store.ts';
import { quantile } from './statistics.ts';

export interface SendingOptions extends SenderOptions {
	/** Spans a second; as many as it takes, when undefined. */
	rate: number | undefined;
}

export interface RunOptions extends SendingOptions {
	seconds: number;
	/** Somebody looks at screens meanwhile. */
	isWatched: boolean;
	hasSlowStore: boolean;
}

export interface RunFigures {
	acknowledgedPerSecond: number;
	storedPerSecond: number;
	collectorCpu: number;
	clickhouseCpu: number;
	driverCpu: number;
	collectorMebibytes: number;
	clickhouseMebibytes: number;
	ackP50: number;
	ackP99: number;
	servicesP95: number;
	queryableP50: number;
	queryableMax: number;
	bytesPerSpan: number;
}

/**
 * Sends for a while, driver, collector and ClickHouse on the same cores, to a product of which everything is counted. Fails unless
 * what is stored afterwards is what was sent.
 */
export async function runIngest(
	product: Product,
	payloads: ReturnType<typeof makePayloads>,
	options: RunOptions,
): Promise<RunFigures> {
	const collector = product.process.pid ?? 0;
	const [clickhouse = 0] = childrenOf(collector);
	const usage = () => ({
		collector: usageOf(collector),
		clickhouse: usageOf(clickhouse),
		driver: usageOf(process.pid),
	});
	const already = (await storedSpans(product)).rows;
	const before = usage();
	const sending = new Sending(product.ready, payloads, options);
	const beganMs = performance.now();
	const untilMs = beganMs + options.seconds * 1_000;
	const queryable = new QueryableWatch(product, () => already + sending.spans);
	const { isWatched, hasSlowStore } = options;
	const watching = Promise.all([
		isWatched ? watchServices(product, untilMs) : [],
		isWatched ? queryable.run() : undefined,
		hasSlowStore ? slowDown(clickhouse, untilMs) : undefined,
	]);
	await sending.run(untilMs);
	queryable.stop();
	const acknowledgedSeconds = (performance.now() - beganMs) / 1_000;
	const { latencies, spans: sent } = sending;
	const stored = await allStored(product, already + sent);
	const storedSeconds = (performance.now() - beganMs) / 1_000;
	// Before, what ingest costs is not paid for yet.
	await allCounted(product);
	const after = usage();
	const [services] = await watching;
	const perMillion = (who: keyof typeof before) => ((after[who].cpuSeconds - before[who].cpuSeconds) / sent) * 1e6;
	return {
		acknowledgedPerSecond: sent / acknowledgedSeconds,
		storedPerSecond: sent / storedSeconds,
		collectorCpu: perMillion('collector'),
		clickhouseCpu: perMillion('clickhouse'),
		driverCpu: perMillion('driver'),
		collectorMebibytes: after.collector.peakBytes / 2 ** 20,
		clickhouseMebibytes: after.clickhouse.peakBytes / 2 ** 20,
		ackP50: quantile(latencies, 0.5),
		ackP99: quantile(latencies, 0.99),
		servicesP95: quantile(services, 0.95),
		queryableP50: quantile(queryable.lagsMs, 0.5),
		queryableMax: quantile(queryable.lagsMs, 1),
		bytesPerSpan: stored.bytesOnDisk / stored.rows,
	};
}

/** Requests on their way, never more than `inFlight`. */
export class Sending {
	readonly latencies: number[] = [];
	/** Acknowledged. */
	spans = 0;
	readonly #to: Pick<Ready, 'otlpHttp' | 'otlpGrpc'>;
	readonly #payloads: ReturnType<typeof makePayloads>;
	readonly #options: SendingOptions;

	constructor(
		to: Pick<Ready, 'otlpHttp' | 'otlpGrpc'>,
		payloads: ReturnType<typeof makePayloads>,
		options: SendingOptions,
	) {
		this.#to = to;
		this.#payloads = payloads;
		this.#options = options;
	}

	async run(untilMs: number): Promise<void> {
		const { inFlight, rate } = this.#options;
		const otlp = otlpSender(this.#to, this.#options);
		const beganMs = performance.now();
		let turn = 0;
		const sender = async () => {
			while (performance.now() < untilMs) {
				const payload = this.#payloads[turn % this.#payloads.length];
				if (payload === undefined) return;
				// At a given rate an answer's time counts from when its request was due: a queue at the sender is one, too.
				const dueMs = rate === undefined ? performance.now() : beganMs + (turn * payload.spans * 1_000) / rate;
				turn += 1;
				const earlyMs = dueMs - performance.now();
				if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
				await otlp.send(payload.fresh(Date.now()));
				this.latencies.push(performance.now() - dueMs);
				this.spans += payload.spans;
			}
		};
		await Promise.all(Array.from({ length: inFlight }, sender));
		otlp.close();
	}
}
