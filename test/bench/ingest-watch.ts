import type { StatusAnswer } from '../../schema/api-status.ts';
import { until } from '../support/product.ts';
import type { Product } from '../support/product.ts';

export interface StoredSpans {
	rows: number;
	bytesOnDisk: number;
}

export const storedSpans = async (product: Product): Promise<StoredSpans> => (await statusOf(product)).spans;

/** Resolves when so many are stored; rejects when there are more. */
export const allStored = (product: Product, sent: number): Promise<StoredSpans> =>
	until(
		async () => {
			const spans = await storedSpans(product);
			if (spans.rows > sent) throw new Error(`${sent} spans sent, ${spans.rows} stored`);
			return spans.rows === sent ? spans : undefined;
		},
		'everything acknowledged is stored',
		120_000,
	);

/** Resolves when every table that is derived from spans accounts for all that are stored. */
export async function allCounted(product: Product): Promise<void> {
	const isCounted = async () => (await statusOf(product)).derived.spansWaiting === 0 || undefined;
	await until(isCounted, 'everything stored is counted', 120_000);
}

async function statusOf(product: Product): Promise<Pick<StatusAnswer, 'spans' | 'derived'>> {
	const answer = await fetch(`${product.ready.ui}/api/v1/status`);
	return (await answer.json()) as StatusAnswer;
}

/** Somebody looks at the services page once a second. Milliseconds of each answer. */
export async function watchServices(product: Product, untilMs: number): Promise<number[]> {
	const latencies: number[] = [];
	while (performance.now() < untilMs) {
		const started = performance.now();
		const answer = await fetch(`${product.ready.ui}/api/v1/services?from=now-15m`);
		if (answer.status !== 200) throw new Error(`/services was answered ${answer.status} during ingest`);
		await answer.arrayBuffer();
		latencies.push(performance.now() - started);
		await new Promise((resolve) => setTimeout(resolve, 1_000));
	}
	return latencies;
}

const noteMs = 50;
const askMs = 200;

/**
 * How long after their acknowledgement spans can be queried: notes how many are acknowledged, and when so many are stored.
 * Asks five times a second, so each figure is up to a fifth of a second too large.
 */
export class QueryableWatch {
	readonly lagsMs: number[] = [];
	readonly #product: Product;
	readonly #acknowledged: () => number;
	#notes: { atMs: number; spans: number }[] = [];
	#isOver = false;

	constructor(product: Product, acknowledged: () => number) {
		this.#product = product;
		this.#acknowledged = acknowledged;
	}

	/** Resolves after `stop`, when all that was noted is stored. */
	async run(): Promise<void> {
		const timer = setInterval(() => this.#note(), noteMs);
		while (!this.#isOver || this.#notes.length > 0) {
			const { rows } = await storedSpans(this.#product);
			this.#settle(rows, performance.now());
			await new Promise((resolve) => setTimeout(resolve, askMs));
		}
		clearInterval(timer);
	}

	/** Nothing is acknowledged any more. */
	stop(): void {
		this.#note();
		this.#isOver = true;
	}

	#note(): void {
		const spans = this.#acknowledged();
		if (!this.#isOver && spans > (this.#notes.at(-1)?.spans ?? 0)) this.#notes.push({ atMs: performance.now(), spans });
	}

	#settle(rows: number, nowMs: number): void {
		for (const { atMs, spans } of this.#notes) if (spans <= rows) this.lagsMs.push(nowMs - atMs);
		this.#notes = this.#notes.filter(({ spans }) => spans > rows);
	}
}
