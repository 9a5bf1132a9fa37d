import { startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import type { BenchOptions, Figures } from './main.ts';
import { medianAndSpread } from './statistics.ts';

const oneSpan = (): string => {
	const nowNano = String(BigInt(Date.now()) * 1_000_000n);
	const span = {
		traceId: '5b8efff798038103d269b633813fc60c',
		spanId: 'eee19b7ec3c1b174',
		name: 'first',
		startTimeUnixNano: nowNano,
		endTimeUnixNano: nowNano,
	};
	return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
};

export async function firstSpanAccepted({ ready }: Product): Promise<void> {
	const answer = await fetch(`${ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: oneSpan(),
	});
	if (answer.status !== 200) throw new Error(`the first span was answered ${answer.status}`);
}

/** From starting the process, with the screen built and an empty data folder, to the first span that is accepted. */
export async function start({ runs }: BenchOptions): Promise<Figures> {
	const seconds: number[] = [];
	const warmUp = await startProduct(); // Builds the screen if need be.
	await warmUp.stop();
	for (let run = 0; run < runs; run++) {
		const began = performance.now();
		const product = await startProduct();
		await firstSpanAccepted(product);
		seconds.push((performance.now() - began) / 1_000);
		await product.stop();
	}
	console.log(`  start to first accepted span, s   ${medianAndSpread(seconds)}`);
	return { secondsToFirstSpan: seconds };
}
