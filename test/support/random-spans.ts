/** Spans with a bit of everything, the same for the same seed. */
import type { AnyValue } from '../../schema/api.ts';
import type { PlainResource, PlainSpan } from './span-block.ts';

export interface RandomSpansOptions {
	seed: number;
	count: number;
	/** Spans end within so many milliseconds before `endMs`. */
	endMs?: number;
	withinMs?: number;
	/** Spans a trace, at most. */
	traceSpans?: number;
}

/** Mulberry32: a small generator of numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const strange = [
	"it's",
	'a\\b',
	'new\nline',
	'nul\0',
	'{x:String}',
	'"; DROP TABLE spans; --',
	'__proto__',
	'ünïcödé 🐘',
	'',
];

export function randomSpans({
	seed,
	count,
	endMs = 1_795_000_000_000,
	withinMs = 3_600_000,
	traceSpans = 12,
}: RandomSpansOptions): PlainSpan[] {
	const random = randomNumbers(seed);
	const below = (limit: number) => Math.floor(random() * limit);
	const pick = <Value>(values: readonly Value[]): Value => values[below(values.length)]!;
	const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('');
	const spans: PlainSpan[] = [];
	while (spans.length < count) {
		const traceId = hex(32);
		const traceEndMs = endMs - 1_000 - below(withinMs - 1_000);
		const ids: string[] = [];
		const size = Math.min(1 + below(traceSpans), count - spans.length);
		for (let index = 0; index < size; index += 1) {
			const spanId = hex(16);
			const endUnixNano = BigInt(traceEndMs) * 1_000_000n + BigInt(below(900_000_000));
			const durationNano = BigInt(Math.floor(Math.exp(random() * 22)));
			const broken = random();
			spans.push({
				traceId,
				spanId,
				...(index === 0 ? {} : { parentSpanId: pick(ids) }),
				startUnixNano: endUnixNano - durationNano,
				// Some never ended, some end before they start.
				endUnixNano: broken < 0.02 ? 0n : endUnixNano - (broken < 0.04 ? durationNano + 5n : 0n),
				timeUnixMs: Number(endUnixNano / 1_000_000n),
				name: `work ${below(5)}`,
				operation: pick(['GET /a', 'GET /b', 'SELECT things', ...strange.slice(0, 3)]),
				kind: below(6),
				statusCode: below(3),
				statusMessage: random() < 0.2 ? pick(strange) : '',
				traceState: random() < 0.1 ? 'vendor=value' : '',
				flags: below(512),
				marks: random() < 0.1 ? below(128) : 0,
				droppedAttributes: below(3),
				droppedEvents: below(2),
				droppedLinks: below(2),
				type: below(8),
				error: random() < 0.2,
				weight: random() < 0.1 ? 10 : 1,
				resource: randomResource(),
				scope: {
					name: `lib ${below(3)}`,
					version: '1',
					...(random() < 0.2 ? { attributes: [['x', { intValue: '1' }]] } : {}),
				},
				attributes: randomAttributes(),
				...randomPromoted(),
				events: list(2, () => ({
					timeUnixNano: endUnixNano - BigInt(below(1_000)),
					name: pick(['exception', 'log', ...strange]),
					attributes: randomAttributes(),
					droppedAttributes: below(2),
				})),
				links: list(2, () => ({
					traceId: hex(32),
					spanId: hex(16),
					traceState: random() < 0.5 ? 'a=b' : '',
					flags: below(3),
					attributes: randomAttributes(),
					droppedAttributes: below(2),
				})),
			});
			ids.push(spanId);
		}
	}
	return spans;

	function list<Value>(most: number, make: () => Value): Value[] {
		return Array.from({ length: random() < 0.7 ? 0 : 1 + below(most) }, make);
	}

	function randomResource(): PlainResource {
		const service = pick(['cart', 'checkout', 'payment', "o'brien\\"]);
		return {
			service,
			namespace: pick(['', 'shop']),
			version: pick(['', '1.0', '1.1']),
			environment: pick(['', 'production', 'staging']),
			instance: `host-${below(2)}`,
			attributes: [
				['service.name', { stringValue: service }],
				['host.cpus', { intValue: String(below(4)) }],
				['__proto__', { boolValue: true }],
			],
			schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
		};
	}

	function randomAttributes(): [string, AnyValue][] {
		const all: [string, AnyValue][] = [
			['text', { stringValue: pick(strange) }],
			['whole', { intValue: String(BigInt.asIntN(64, BigInt(below(2 ** 31)) ** 3n)) }],
			['real', { doubleValue: pick([0, -1.5, 1e300, 0.1, random()]) }],
			['infinite', { doubleValue: pick(['NaN', 'Infinity', '-Infinity'] as const) }],
			['yes', { boolValue: random() < 0.5 }],
			['bytes', { bytesValue: 'AAEC/w==' }],
			['list', { arrayValue: { values: [{ intValue: '9007199254740993' }, { stringValue: 'x' }, {}] } }],
			['map', { kvlistValue: { values: [{ key: '__proto__', value: { doubleValue: 'NaN' } }] } }],
			['nothing', {}],
			['__proto__', { stringValue: 'own' }],
			['constructor', { intValue: '-1' }],
			[pick(strange.slice(0, 6)), { stringValue: 'odd key' }],
		];
		return all.filter(() => random() < 0.4);
	}

	function randomPromoted(): Pick<PlainSpan, 'promoted' | 'copied'> {
		if (random() < 0.5) return {};
		const promoted = {
			'http.request.method': 'GET',
			'http.response.status_code': BigInt(pick([0, 200, 404, 500, 70_000])),
			'url.path': pick(strange),
		};
		return random() < 0.5 ? { promoted } : { promoted, copied: { 'http.route': '/copied' } };
	}
}
