import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { viewSpan, viewSpans, type SpanView } from '../../test/support/span-block-view.ts';
import { USUAL_DERIVATION, type DerivationSettings } from './derivation-settings.ts';
import { readTraces, TraceReader } from '../receiver/read-traces.ts';

const receivedMs = 1_795_000_000_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };
type Value = string | number | boolean;
const SERVER = 2;
const CLIENT = 3;

function anyValue(value: Value) {
	if (typeof value === 'string') return { stringValue: value };
	if (typeof value === 'boolean') return { boolValue: value };
	return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
}
const keyValues = (attributes: Record<string, Value>) =>
	Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

interface Sent {
	name?: string;
	kind?: number;
	traceState?: string;
	status?: { code: number };
	parentSpanId?: Uint8Array;
	events?: { name: string; attributes: Record<string, Value> }[];
}

function bodyOf(attributes: Record<string, Value>, { events = [], ...over }: Sent): Uint8Array {
	const span = {
		traceId: new Uint8Array(16).fill(1),
		spanId: new Uint8Array(8).fill(2),
		name: 'work',
		kind: CLIENT,
		startTimeUnixNano: String(BigInt(receivedMs) * 1_000_000n),
		endTimeUnixNano: String(BigInt(receivedMs) * 1_000_000n),
		attributes: keyValues(attributes),
		events: events.map((event) => ({ name: event.name, attributes: keyValues(event.attributes) })),
		...over,
	};
	return encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}
const derive = (attributes: Record<string, Value>, over: Sent = {}): SpanView =>
	viewSpans(readTraces(bodyOf(attributes, over), 'protobuf', context).block)[0]!;

describe('type', () => {
	test.each<[string, number, Record<string, Value>]>([
		['http', SERVER, { 'http.request.method': 'GET' }],
		['http', CLIENT, { 'http.url': 'http://a/b' }],
		['custom', SERVER, { 'url.full': 'http://a/b' }],
		['custom', 1, { 'http.method': 'GET' }],
		['db', CLIENT, { 'db.system': 'redis', 'http.method': 'POST', 'rpc.system': 'aws-api' }],
		['db', 0, { 'db.statement': 'SELECT 1' }],
		['http', SERVER, { 'db.system': 'redis', 'http.method': 'POST' }],
		['genai', CLIENT, { 'gen_ai.system': 'openai', 'http.request.method': 'POST' }],
		['messaging', 5, { 'messaging.system': 'kafka' }],
		['custom', SERVER, { 'messaging.system': 'kafka' }],
		['rpc', SERVER, { 'rpc.system': 'grpc', 'http.method': 'POST' }],
		['faas', SERVER, { 'faas.trigger': 'timer' }],
		['http', SERVER, { 'faas.trigger': 'http', 'http.method': 'GET' }],
		['faas', CLIENT, { 'faas.invoked_name': 'resize' }],
		['graphql', SERVER, { 'graphql.operation.type': 'query' }],
		['custom', CLIENT, { 'db.system': '' }],
	])('%s for kind %i with %o', (type, kind, attributes) => {
		expect(derive(attributes, { kind }).type).toBe(type);
	});
});

describe('operation', () => {
	test.each<[string, number, Record<string, Value>]>([
		['GET /users/:id', SERVER, { 'http.request.method': 'GET', 'http.route': '/users/:id' }],
		['GET', SERVER, { 'http.method': 'GET', 'http.target': '/users/123' }],
		['HTTP /x', SERVER, { 'http.request.method': '_OTHER', 'http.route': '/x' }],
		[
			'GET /users/{id}',
			CLIENT,
			{ 'http.request.method': 'GET', 'url.template': '/users/{id}', 'server.address': 'api' },
		],
		[
			'GET api.example',
			CLIENT,
			{ 'http.method': 'GET', 'http.url': 'https://user:secret@api.example:8443/users/1?x=1' },
		],
		['shop.Prices/Get', CLIENT, { 'rpc.system': 'grpc', 'rpc.service': 'shop.Prices', 'rpc.method': 'Get' }],
		['shop.Prices/Get', CLIENT, { 'rpc.system.name': 'grpc', 'rpc.method': 'shop.Prices/Get' }],
		['(grpc)', CLIENT, { 'rpc.system': 'grpc', 'rpc.method': '_OTHER' }],
		['SELECT users', CLIENT, { 'db.system': 'mysql', 'db.query.summary': 'SELECT users', 'db.operation': 'UPDATE' }],
		[
			'SELECT shop.users',
			CLIENT,
			{ 'db.system': 'mysql', 'db.name': 'shop', 'db.operation': 'SELECT', 'db.sql.table': 'users' },
		],
		['SELECT', CLIENT, { 'db.system': 'mysql', 'db.name': 'shop', 'db.operation': 'SELECT' }],
		['(microsoft.sql_server)', CLIENT, { 'db.system': 'mssql' }],
		[
			'send orders.{region}',
			4,
			{
				'messaging.system': 'kafka',
				'messaging.operation': 'publish',
				'messaging.destination.template': 'orders.{region}',
				'messaging.destination.name': 'orders.eu',
			},
		],
		[
			'poll orders',
			CLIENT,
			{ 'messaging.operation.name': 'poll', 'messaging.operation.type': 'receive', 'messaging.destination': 'orders' },
		],
		[
			'process (temporary)',
			5,
			{
				'messaging.operation.type': 'process',
				'messaging.destination.temporary': true,
				'messaging.destination.name': 'tmp-81',
			},
		],
		['send (anonymous)', 4, { 'messaging.operation.type': 'send', 'messaging.destination.anonymous': true }],
		['send broker:5672', 4, { 'messaging.operation.type': 'send', 'server.address': 'broker', 'server.port': 5672 }],
		['chat gpt-4o', CLIENT, { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' }],
		['execute_tool search', 1, { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' }],
		['resize', CLIENT, { 'faas.invoked_name': 'resize' }],
		['query', SERVER, { 'graphql.operation.type': 'query', 'graphql.document': '{a}' }],
		['GraphQL Operation', SERVER, { 'graphql.document': '{a}' }],
	])('%s for kind %i with %o', (operation, kind, attributes) => {
		expect(derive(attributes, { kind, name: 'GET /users/123' }).operation).toBe(operation);
	});

	test('a span that no convention names keeps its own name, without identifiers', () => {
		expect(derive({}, { name: 'GET /users/123' }).operation).toBe('GET /users/{id}');
		expect(derive({ 'http.response.status_code': 200 }, { name: 'fetch 77' }).operation).toBe('fetch {id}');
	});

	test('an operation of any length is cut to 256 characters', () => {
		expect(derive({ 'db.system': 'x', 'db.query.summary': 'a'.repeat(5_000) }).operation).toHaveLength(256);
		expect(derive({}, { name: 'b'.repeat(5_000) }).operation).toHaveLength(256);
	});
});

describe('error', () => {
	const failed = (attributes: Record<string, Value>, kind: number, code = 0): boolean =>
		derive(attributes, { kind, status: { code } }).error;

	test('what the sender said stands', () => {
		expect(failed({}, CLIENT, 2)).toBe(true);
		expect(failed({ 'http.response.status_code': 503 }, SERVER, 1)).toBe(false);
		expect(failed({}, SERVER)).toBe(false);
	});

	test.each<[number, number, boolean]>([
		[500, SERVER, true],
		[404, SERVER, false],
		[404, CLIENT, true],
		[399, CLIENT, false],
	])('HTTP %i for kind %i: %o', (status, kind, isFailure) => {
		expect(failed({ 'http.response.status_code': status }, kind)).toBe(isFailure);
		expect(failed({ 'http.status_code': String(status) }, kind)).toBe(isFailure);
	});

	test.each<[string, number, boolean]>([
		['OK', CLIENT, false],
		['NOT_FOUND', CLIENT, true],
		['NOT_FOUND', SERVER, false],
		['UNAVAILABLE', SERVER, true],
		['unavailable', SERVER, true],
	])('RPC %s for kind %i: %o', (status, kind, isFailure) => {
		expect(failed({ 'rpc.response.status_code': status }, kind)).toBe(isFailure);
	});

	test('gRPC numbers have names', () => {
		expect(derive({ 'rpc.system': 'grpc', 'rpc.grpc.status_code': 14 }).columns['rpc.response.status_code']).toBe(
			'UNAVAILABLE',
		);
		expect(failed({ 'rpc.grpc.status_code': 0 }, CLIENT)).toBe(false);
	});

	test('its type is what the sender says, else the last exception, else the code', () => {
		const exception = (type: string) => ({ name: 'exception', attributes: { 'exception.type': type } });
		const typeOf = (attributes: Record<string, Value>, over: Sent = {}) =>
			derive(attributes, { status: { code: 2 }, ...over }).columns['error.type'];
		expect(typeOf({ 'error.type': 'timeout' }, { events: [exception('A')] })).toBe('timeout');
		expect(
			typeOf(
				{ 'http.status_code': 500 },
				{ events: [exception('A'), exception('B'), { name: 'log', attributes: {} }] },
			),
		).toBe('B');
		expect(typeOf({ 'http.status_code': 500 })).toBe('500');
		expect(typeOf({ 'rpc.grpc.status_code': 5 })).toBe('NOT_FOUND');
		expect(typeOf({ 'db.response.status_code': '42P01' })).toBe('42P01');
		expect(typeOf({})).toBe('_OTHER');
		expect(derive({}).columns['error.type']).toBeUndefined();
	});
});

describe('what is switched', () => {
	const with_ = (settings: Partial<DerivationSettings>) => {
		const reader = new TraceReader(undefined, { ...USUAL_DERIVATION, ...settings });
		return (attributes: Record<string, Value>, over: Sent = {}): SpanView =>
			viewSpans(reader.read(bodyOf(attributes, over), 'protobuf', context).block)[0]!;
	};

	test('without codes only a status of error is an error, whose type the code still tells', () => {
		const derived = with_({ errorsByCode: false });
		for (const kind of [SERVER, CLIENT])
			for (const attributes of [{ 'http.status_code': 503 }, { 'rpc.grpc.status_code': 14 }])
				for (const code of [0, 1]) {
					expect(derived(attributes, { kind, status: { code } })).toMatchObject({ error: false });
					expect(derived(attributes, { kind, status: { code } }).columns['error.type']).toBeUndefined();
				}
		expect(derived({ 'http.status_code': 503 }, { status: { code: 2 } })).toMatchObject({
			error: true,
			columns: { 'error.type': '503' },
		});
		expect(derived({}, { status: { code: 2 } }).columns['error.type']).toBe('_OTHER');
	});

	test.each<[string, number, Record<string, Value>]>([
		['GET /users/{id}', SERVER, { 'http.request.method': 'GET', 'url.path': '/users/123' }],
		['GET /a/{id}/b', SERVER, { 'http.method': 'GET', 'http.target': '/a/5b8efff7-9803-8103-d269-b633813fc60c/b?q=1' }],
		['PUT /t/{id}', SERVER, { 'http.request.method': 'PUT', 'http.url': 'http://shop:80/t/dGhpc0lzQVRva2Vu1x' }],
		['HTTP /v2/s3', SERVER, { 'http.request.method': '_OTHER', 'url.path': '/v2/s3' }],
		['GET /users/:id', SERVER, { 'http.request.method': 'GET', 'url.path': '/users/1', 'http.route': '/users/:id' }],
		['GET', SERVER, { 'http.request.method': 'GET' }],
		['GET', SERVER, { 'http.request.method': 'GET', 'url.path': 7 }],
		['GET api', CLIENT, { 'http.request.method': 'GET', 'url.path': '/users/1', 'server.address': 'api' }],
		['a.B/C', SERVER, { 'rpc.system': 'grpc', 'rpc.method': 'a.B/C', 'url.path': '/a.B/C', 'http.method': 'POST' }],
	])('with paths as routes: %s for kind %i with %o', (operation, kind, attributes) => {
		expect(with_({ pathsAsRoutes: true })(attributes, { kind }).operation).toBe(operation);
	});

	test('each service has room for so many paths, whatever others do, and through everything that is forgotten', () => {
		const reader = new TraceReader(undefined, { ...USUAL_DERIVATION, pathsAsRoutes: true });
		const operations = (service: string, paths: readonly string[]) => {
			const spans = paths.map((path) => ({
				traceId: new Uint8Array(16).fill(1),
				spanId: new Uint8Array(8).fill(2),
				name: 'GET',
				kind: SERVER,
				attributes: keyValues({ 'http.request.method': 'GET', 'url.path': path }),
			}));
			const resource = { attributes: keyValues({ 'service.name': service }) };
			const body = encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
			return viewSpans(reader.read(body, 'protobuf', context).block).map((span) => span.operation);
		};
		const letters = (n: number) => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
		const paths = Array.from({ length: 250 }, (_, n) => `/${letters(n)}`);
		const named = paths.map((path, n) => (n < 200 ? `GET ${path}` : 'GET *'));
		expect(operations('shop', paths)).toEqual(named);
		expect(operations('shop', paths)).toEqual(named);
		expect(operations('other', paths.slice(240))).toEqual(paths.slice(240).map((path) => `GET ${path}`));
		// Longer names of spans than are kept: what was worked out from texts goes.
		const spans = Array.from({ length: 1_200 }, (_, n) => ({ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: `${n}`.padEnd(4_000, 'x') })); // prettier-ignore
		reader.read(Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })), 'json', context);
		expect(operations('shop', ['/aa', '/new', '/users/77'])).toEqual(['GET /aa', 'GET *', 'GET *']);
	});
});

describe('columns of their own', () => {
	test('a value leaves its map only under the canonical name and type', () => {
		expect(derive({ 'http.request.method': 'GET', 'http.response.status_code': 200 }).own).toEqual([
			'http.request.method',
			'http.response.status_code',
		]);
		expect(derive({ 'http.method': 'GET', 'http.status_code': 200 })).toMatchObject({
			own: [],
			columns: { 'http.request.method': 'GET', 'http.response.status_code': '200' },
			attributes: { 'http.method': 'sGET', 'http.status_code': 'i200' },
		});
		expect(derive({ 'http.response.status_code': '200' })).toMatchObject({
			own: [],
			columns: { 'http.response.status_code': '200' },
		});
		expect(derive({ 'http.response.status_code': 0 })).toMatchObject({
			own: ['http.response.status_code'],
			attributes: { 'http.response.status_code': 'i0' },
		});
		expect(derive({ 'http.route': 5 })).toMatchObject({
			own: [],
			columns: { 'http.route': '5' },
			attributes: { 'http.route': 'i5' },
		});
	});

	test('an empty value gives way to an older name, and stays what it was', () => {
		expect(derive({ 'db.namespace': '', 'db.name': 'shop' })).toMatchObject({
			own: [],
			columns: { 'db.namespace': 'shop' },
			attributes: { 'db.namespace': 's', 'db.name': 'sshop' },
		});
	});

	test('a method with its service in front is a copy, and the method stays', () => {
		expect(derive({ 'rpc.method': 'Get', 'rpc.service': 'Prices' })).toMatchObject({
			own: [],
			columns: { 'rpc.method': 'Prices/Get' },
			attributes: { 'rpc.method': 'sGet' },
		});
	});

	test('both names on one span give one column, from the newer name', () => {
		expect(derive({ 'http.method': 'POST', 'http.request.method': 'GET' })).toMatchObject({
			own: ['http.request.method'],
			columns: { 'http.request.method': 'GET' },
			attributes: { 'http.method': 'sPOST', 'http.request.method': 'sGET' },
		});
	});

	test.each<[string, number, Record<string, Value>, string]>([
		['server.address', SERVER, { 'net.host.name': 'me', 'net.peer.name': 'you' }, 'me'],
		['server.address', CLIENT, { 'net.host.name': 'me', 'net.peer.name': 'you' }, 'you'],
		['server.address', SERVER, { 'http.host': 'me:8080' }, 'me'],
		['server.address', CLIENT, { 'url.full': 'https://u:p@you:1/x' }, 'you'],
		['server.address', CLIENT, { 'url.full': 'http://[::1]:80/x', 'net.peer.ip': '::1' }, '[::1]'],
		['server.address', CLIENT, { 'url.full': '/relative', 'net.peer.ip': '10.0.0.1' }, '10.0.0.1'],
		['url.path', SERVER, { 'http.target': '/a/b?c=d' }, '/a/b'],
		['url.path', CLIENT, { 'http.url': 'http://x/a#top' }, '/a'],
		['http.route', CLIENT, { 'url.template': '/a/{b}' }, '/a/{b}'],
		['db.namespace', CLIENT, { 'db.redis.database_index': 3 }, '3'],
		['service.peer.name', CLIENT, { 'peer.service': 'cart' }, 'cart'],
		['rpc.system.name', CLIENT, { 'rpc.system': 'apache_dubbo' }, 'dubbo'],
		['messaging.operation.type', 5, { 'messaging.operation': 'deliver' }, 'process'],
	])('%s for kind %i from %o', (column, kind, attributes, value) => {
		expect(derive(attributes, { kind }).columns[column]).toBe(value);
	});
});

test('entries are kind SERVER or CONSUMER, or have no parent', () => {
	const parentSpanId = new Uint8Array(8).fill(9);
	const isEntry = (kind: number, over: Sent = { parentSpanId }) => derive({}, { kind, ...over }).entry;
	expect([0, 1, 2, 3, 4, 5].map((kind) => isEntry(kind))).toEqual([false, false, true, false, false, true]);
	expect(isEntry(CLIENT, {})).toBe(true);
});

test('a sampled span counts for those that were left out', () => {
	expect(derive({}, { traceState: 'vendor=1,ot=th:c' }).weight).toBe(4);
	expect(derive({}).weight).toBe(1);
});

/** The same span as an old and as a new instrumentation sends it. */
const RENAMED: [kind: number, old: Record<string, Value>, now: Record<string, Value>][] = [
	[
		SERVER,
		{ 'http.method': 'M', 'http.status_code': 500, 'http.target': '/P', 'net.host.name': 'H' },
		{ 'http.request.method': 'M', 'http.response.status_code': 500, 'url.path': '/P', 'server.address': 'H' },
	],
	[
		CLIENT,
		{ 'http.method': 'M', 'http.status_code': 404, 'http.url': 'http://H:80/P' },
		{
			'http.request.method': 'M',
			'http.response.status_code': 404,
			'url.full': 'http://H:80/P',
			'server.address': 'H',
			'url.path': '/P',
		},
	],
	[
		CLIENT,
		{
			'db.system': 'mssql',
			'db.name': 'N',
			'db.operation': 'O',
			'db.sql.table': 'T',
			'db.statement': 'S',
			'net.peer.name': 'H',
		},
		{
			'db.system.name': 'microsoft.sql_server',
			'db.namespace': 'N',
			'db.operation.name': 'O',
			'db.collection.name': 'T',
			'db.query.text': 'S',
			'server.address': 'H',
		},
	],
	[
		CLIENT,
		{
			'rpc.system': 'connect_rpc',
			'rpc.service': 'V',
			'rpc.method': 'M',
			'rpc.grpc.status_code': 13,
			'peer.service': 'H',
		},
		{
			'rpc.system.name': 'connectrpc',
			'rpc.method': 'V/M',
			'rpc.response.status_code': 'INTERNAL',
			'service.peer.name': 'H',
		},
	],
	[
		4,
		{ 'messaging.system': 'kafka', 'messaging.operation': 'publish', 'messaging.destination': 'D' },
		{ 'messaging.system': 'kafka', 'messaging.operation.type': 'send', 'messaging.destination.name': 'D' },
	],
	[
		CLIENT,
		{ 'gen_ai.system': 'openai', 'gen_ai.operation.name': 'chat' },
		{ 'gen_ai.provider.name': 'openai', 'gen_ai.operation.name': 'chat' },
	],
];

test('old and new attribute names give the same columns, type, operation and error', () => {
	const letters = fc.dictionary(
		fc.constantFrom('M', 'P', 'H', 'N', 'O', 'T', 'S', 'V', 'D'),
		fc.stringMatching(/^[a-z]{1,8}$/),
		{
			noNullPrototype: true,
		},
	);
	fc.assert(
		fc.property(fc.constantFrom(...RENAMED), letters, fc.constantFrom(0, 1, 2), ([kind, old, now], words, code) => {
			const filled = (attributes: Record<string, Value>) =>
				Object.fromEntries(
					Object.entries(attributes).map(([key, value]) => [
						key,
						typeof value === 'string'
							? value.replaceAll(/[MPHNOTSVD](?![A-Z])/g, (letter) =>
									/[A-Z]{2}/.test(value) ? letter : (words[letter] ?? letter),
								)
							: value,
					]),
				);
			const derived = (attributes: Record<string, Value>) => {
				const { columns, type, operation, error, entry, weight } = derive(filled(attributes), {
					kind,
					status: { code },
				});
				return { columns, type, operation, error, entry, weight };
			};
			expect(derived(old)).toEqual(derived(now));
			expect(derived({ ...old, ...now })).toEqual(derived(now));
		}),
		{ numRuns: 300 },
	);
}, 30_000);

test('what was worked out for one block changes nothing in the next, not even when it was too much to keep', () => {
	const reader = new TraceReader();
	const read = (attributes: Record<string, Value>) =>
		viewSpans(reader.read(bodyOf(attributes, {}), 'protobuf', context).block)[0];
	const first = { 'db.system': 'mysql', 'db.operation': 'SELECT', 'http.request.method': 'GET' };
	const second = { 'http.request.method': 'GET', 'url.full': 'http://a/b' };
	for (const attributes of [first, second, first, second]) expect(read(attributes)).toEqual(derive(attributes));
	const one = bodyOf({ 'db.namespace': 'namespace-00000' }, {});
	const at = Buffer.from(one).indexOf('00000');
	const many = (from: number): Uint8Array =>
		Buffer.concat(
			Array.from({ length: 20_000 }, (_, i) => {
				const body = Buffer.from(one);
				body.write(String(from + i).padStart(5, '0'), at);
				return body;
			}),
		);
	for (const from of [0, 20_000, 40_000]) {
		const { block } = reader.read(many(from), 'protobuf', context);
		expect(viewSpan(block, 19_999).columns).toEqual({ 'db.namespace': `namespace-${from + 19_999}` });
	}
	for (const attributes of [first, second]) expect(read(attributes)).toEqual(derive(attributes));
}, 30_000);
