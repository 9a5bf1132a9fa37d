import { randomBytes } from 'node:crypto';
import { until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { makePayloads } from './otlp-payload.ts';
import { otlpSender } from './otlp-sender.ts';

/** What is in the store, and where to look for it. */
export interface Filled {
	spans: number;
	/** The day that ends with the last span. */
	fromMs: number;
	toMs: number;
	/** A few traces of one service, spread over the day. */
	traceIds: readonly string[];
	rareValue: string;
}

const dayMs = 86_400_000;
const inFlight = 8;
const spansPerRequest = 1_000;
const rareSpans = 100;

/** A day of traffic through the receiver, oldest first, with an attribute that a hundred spans have. */
export async function fill(product: Product, spans: number): Promise<Filled> {
	const toMs = Date.now();
	const fromMs = toMs - dayMs;
	const payloads = makePayloads({ spansPerRequest, requests: 256, seed: 3, encoding: 'protobuf' });
	const requests = Math.ceil(spans / spansPerRequest);
	const otlp = otlpSender(product.ready, {
		transport: 'http',
		encoding: 'protobuf',
		compression: 'none',
		inFlight: inFlight,
	});
	const beganMs = performance.now();
	let next = 0;
	const sender = async () => {
		for (let request = next++; request < requests; request = next++) {
			const payload = payloads[request % payloads.length];
			if (payload === undefined) return;
			await otlp.send(payload.fresh(fromMs + (dayMs * (request + 1)) / requests));
		}
	};
	await Promise.all(Array.from({ length: inFlight }, sender));
	otlp.close();
	const rareValue = `order-${randomBytes(6).toString('hex')}`;
	const traceIds = await sendRare(product, fromMs, toMs, rareValue);
	const sent = requests * spansPerRequest + rareSpans;
	// At 10,000 a second at least.
	const timeoutMs = Math.max(600_000, sent / 10);
	await until(async () => ((await storedSpans(product)) >= sent ? true : undefined), 'everything is stored', timeoutMs);
	const stored = await storedSpans(product);
	if (stored !== sent) throw new Error(`${sent} spans sent, ${stored} stored`);
	console.log(`  filled in ${((performance.now() - beganMs) / 1_000).toFixed(0)} s`);
	return { spans: sent, fromMs, toMs, traceIds, rareValue };
}

async function storedSpans(product: Product): Promise<number> {
	const answer = await fetch(`${product.ready.ui}/api/v1/status`);
	const { spans, derived } = (await answer.json()) as {
		spans: { rows: number };
		derived: { spansWaiting: number };
	};
	return derived.spansWaiting > 0 ? 0 : spans.rows;
}

/** Spans that nothing else is like, each a trace of its own. */
async function sendRare(product: Product, fromMs: number, toMs: number, rareValue: string): Promise<string[]> {
	const traceIds: string[] = [];
	const spans = Array.from({ length: rareSpans }, (_, index) => {
		const traceId = randomBytes(16).toString('hex');
		traceIds.push(traceId);
		const endNano = BigInt(Math.floor(fromMs + ((toMs - fromMs) * (index + 0.5)) / rareSpans)) * 1_000_000n;
		return {
			traceId,
			spanId: randomBytes(8).toString('hex'),
			name: 'POST /orders',
			kind: 2,
			startTimeUnixNano: String(endNano - 30_000_000n),
			endTimeUnixNano: String(endNano),
			attributes: [{ key: 'app.order.id', value: { stringValue: rareValue } }],
		};
	});
	const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'order-desk' } }] };
	const answer = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
	});
	if (answer.status !== 200) throw new Error(`the rare spans were answered ${answer.status}`);
	return traceIds;
}
