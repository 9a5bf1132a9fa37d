import { expect, test } from 'vitest';
import { parseQuery } from '../../schema/query-language.ts';
import { edgeQuery } from './edge-query.ts';
import { compileQuery } from './query-to-sql.ts';
import { around, serviceMap } from './service-map.ts';
import type { EdgeSums, MapNodeName } from './service-map.ts';

const service = (name: string): MapNodeName => ({ type: 'service', name });
const external = (name: string): MapNodeName => ({ type: 'external', name });
const sums = (caller: string, callee: MapNodeName, facts: Partial<EdgeSums> = {}): EdgeSums => ({
	type: 'request',
	caller: service(caller),
	callee,
	address: '',
	calls: 1,
	errors: 0,
	totalNano: 100,
	spans: 1,
	buckets: new Map([[200, 1]]),
	...facts,
});
const lines = (graph: ReturnType<typeof serviceMap>) =>
	graph.edges.map(
		({ caller, callee, calls, unanswered }) => `${caller} → ${callee} ${calls}, ${unanswered} unanswered`,
	);

test('calls that nobody answered go to the service that answered others at the same address', () => {
	const graph = serviceMap(
		[
			sums('web', service('cart'), { address: 'cart.local', calls: 5 }),
			sums('web', external('cart.local'), { address: 'cart.local', calls: 2, errors: 2 }),
			sums('shop', external('cart.local'), { address: 'cart.local' }),
		],
		[],
	);
	expect(lines(graph)).toEqual(['service:web → service:cart 7, 2 unanswered', 'service:shop → service:cart 1, 1 unanswered']); // prettier-ignore
	expect(graph.nodes.some((node) => node.type === 'external')).toBe(false);
});

test('an address behind which several services answer stays a stranger', () => {
	const graph = serviceMap(
		[
			sums('web', service('cart'), { address: 'gateway', calls: 5 }),
			sums('web', service('search'), { address: 'gateway', calls: 4 }),
			sums('web', external('gateway'), { address: 'gateway' }),
		],
		[],
	);
	expect(lines(graph)).toContain('service:web → external:gateway 1, 0 unanswered');
});

test('a peer that is named as a service is that service; one that is not, a stranger', () => {
	const graph = serviceMap(
		[sums('web', external('cart')), sums('web', external('bank'))],
		[{ name: 'cart', namespace: '', requests: 0, errors: 0, buckets: new Map() }],
	);
	expect(lines(graph).toSorted()).toEqual([
		'service:web → external:bank 1, 0 unanswered',
		'service:web → service:cart 1, 1 unanswered',
	]);
});

test('a service that nobody calls is a node; numbers of strangers are sums of calls', () => {
	const graph = serviceMap(
		[sums('web', external('bank'), { calls: 3, errors: 1 }), sums('cart', external('bank'), { calls: 2 })],
		[{ name: 'alone', namespace: '', requests: 7, errors: 2, buckets: new Map([[32, 7]]) }],
	);
	const node = (id: string) => graph.nodes.find((one) => one.id === id);
	expect(node('service:alone')).toMatchObject({ requests: 7, errors: 2, p50Nano: 2 });
	expect(node('external:bank')).toMatchObject({ requests: 5, errors: 1 });
});

// a → b → c → d, and e alone
test('a focus shows what is at most so many edges away, in any direction', () => {
	const whole = serviceMap(
		[sums('a', service('b')), sums('b', service('c')), sums('c', service('d'))],
		[{ name: 'e', namespace: '', requests: 1, errors: 0, buckets: new Map() }],
	);
	const ids = (hops: number) =>
		[...around(whole, 'service:b', hops)].map((id) => id.replace('service:', '')).toSorted();
	expect(ids(1)).toEqual(['a', 'b', 'c']);
	expect(ids(2)).toEqual(['a', 'b', 'c', 'd']);
	expect(around(whole, 'service:nobody', 3)).toEqual(new Set());
	const along = (direction: 'up' | 'down') => [...around(whole, 'service:b', 2, direction)].toSorted();
	expect(along('up')).toEqual(['service:a', 'service:b']);
	expect(along('down')).toEqual(['service:b', 'service:c', 'service:d']);
});

test.each([
	['database', 'service', 'postgresql:shop', 'database'],
	['database', 'service', 'redis', 'database'],
	['database', 'service', '', 'database'],
	['messaging', 'service', 'kafka:a "b" \\c', 'queue'],
	['messaging', 'queue', 'orders', 'service'],
	['child', 'service', "o'brien", 'service'],
	['request', 'service', 'pay ment) OR (error:true', 'service'],
	['request', 'service', '{x} >> {y}', 'external'],
	['request', 'service', '', 'external'],
] as const)(
	'a %s edge of a %s to %j has a search that the server understands',
	(type, callerType, name, calleeType) => {
		const caller = callerType === 'queue' ? { type: 'queue' as const, name: 'kafka:orders' } : service('shop/web');
		const query = edgeQuery({ type, caller, callee: { type: calleeType, name } });
		const parsed = parseQuery(query);
		if (parsed.kind === 'error') throw new Error(`${query}: ${parsed.message}`);
		expect(compileQuery(parsed.query)).toHaveProperty('where');
	},
);

test('what is summed as (other) has no search', () => {
	expect(edgeQuery({ type: 'request', caller: service('web'), callee: external('(other)') })).toBe('');
});
