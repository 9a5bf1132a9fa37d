import { expect, test, vi } from 'vitest';
import { viewSpans } from '../test/support/span-block-view.ts';
import { readConfig } from './config.ts';
import { silentLog } from './log.ts';
import { openReceiving } from './open-receiving.ts';
import { createSelfMetrics } from './self-metrics.ts';
import { openSpanBlock } from './spool/span-block-codec.ts';

// Starting a thread compiles the decoder, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const span = {
	traceId: 'ab'.repeat(16),
	spanId: 'cd'.repeat(8),
	name: 'GET',
	kind: 2,
	startTimeUnixNano: '1',
	endTimeUnixNano: '2',
	attributes: [
		text('http.request.method', 'GET'),
		text('http.response.status_code', '503'),
		text('url.path', '/orders/17'),
	],
};

test.each([
	[[], true, 'GET'],
	[['--no-errors-by-code'], false, 'GET'],
	[['--paths-as-routes'], true, 'GET /orders/{id}'],
	[['--no-errors-by-code', '--paths-as-routes'], false, 'GET /orders/{id}'],
])(
	'with %j a failed request is an error: %s, and called %s, in place and in a thread',
	async (flags, error, operation) => {
		const config = readConfig([...flags, '--ack', 'memory'], {});
		const { decodePool } = openReceiving({ config, metrics: createSelfMetrics(), log: silentLog });
		for (const spans of [1, 200]) {
			const request = { resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: spans }, () => span) }] }] };
			const { block } = await decodePool.decode(new TextEncoder().encode(JSON.stringify(request)), 'json', context);
			const views = viewSpans(openSpanBlock(block.frame));
			expect(views).toHaveLength(spans);
			expect(new Set(views.map((view) => JSON.stringify([view.error, view.operation])))).toEqual(
				new Set([JSON.stringify([error, operation])]),
			);
		}
		await decodePool.close();
	},
);
