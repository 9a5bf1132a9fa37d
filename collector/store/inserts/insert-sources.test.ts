import { expect, test } from 'vitest';
import { spanBlock } from '../../../test/support/span-block.ts';
import { idsOf, mergeSources } from './insert-sources.ts';

const span = (service: string) => ({
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: '00f067aa0ba902b7',
	startUnixNano: 1n,
	endUnixNano: 2n,
	name: 'GET /',
	resource: { service },
});

test('a resource that comes in several blocks stands once among those of the insert, and rows point to it', () => {
	const blocks = [
		spanBlock([span('cart'), span('shop'), span('cart')]),
		spanBlock([span('shop'), span('mail'), span('cart')]),
	];
	const merged = mergeSources(blocks, ({ resource, resources }) => ({ rows: resource, sources: resources }));
	expect(merged.sources.map(({ service }) => service)).toEqual(['cart', 'shop', 'mail']);
	expect(Array.from(merged.rows, (row) => merged.sources[row]?.service)).toEqual([
		'cart',
		'shop',
		'cart',
		'shop',
		'mail',
		'cart',
	]);
	const ids = blocks.flatMap(({ resource, resources }) => Array.from(resource, (row) => resources[row]?.id));
	expect([...new BigUint64Array(idsOf(merged).buffer)]).toEqual(ids);
});
