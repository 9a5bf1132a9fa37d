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

export function randomSpans(options: RandomSpansOptions): PlainSpan[] {
	const { seed, count, endMs = 1_795_000_000_000, withinMs = 3_600_000, traceSpans = 12 } = options;
	const dice = new Dice(seed);
	const spans: PlainSpan[] = [];
	while (spans.length < count) {
		const traceId = dice.hex(32);
		const traceEndMs = endMs - 1_000 - dice.below(withinMs - 1_000);
		const ids: string[] = [];
		const size = Math.min(1 + dice.below(traceSpans), count - spans.length);
		for (let index = 0; index < size; index += 1) {
			const span = randomSpan(dice, traceId, traceEndMs);
			spans.push(index === 0 ? span : { ...span, parentSpanId: dice.pick(ids) });
			ids.push(span.spanId);
		}
	}
	return spans;
}

class Dice {
	readonly #random: () => number;

	constructor(seed: number) {
		this.#random = randomNumbers(seed);
	}

	number(): number {
		return this.#random();
	}
	below(limit: number): number {
		return Math.floor(this.#random() * limit);
	}
	chance(share: number): boolean {
		return this.#random() < share;
	}
	pick<Value>(values: readonly Value[]): Value {
		return values[this.below(values.length)]!;
	}
	hex(digits: number): string {
		return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
	}
	/** Mostly none. */
	list<Value>(most: number, make: () => Value): Value[] {
		return Array.from({ length: this.chance(0.7) ? 0 : 1 + this.below(most) }, make);
	}
}

function randomSpan(dice: Dice, traceId: string, traceEndMs: number): PlainSpan {
	const endUnixNano = BigInt(traceEndMs) * 1_000_000n + BigInt(dice.below(900_000_000));
	const durationNano = BigInt(Math.floor(Math.exp(dice.number() * 22)));
	return {
		traceId,
		spanId: dice.hex(16),
		startUnixNano: endUnixNano - durationNano,
		endUnixNano: sentEnd(dice, endUnixNano, durationNano),
		timeUnixMs: Number(endUnixNano / 1_000_000n),
		name: `work ${dice.below(5)}`,
		operation: dice.pick(['GET /a', 'GET /b', 'SELECT things', ...strange.slice(0, 3)]),
		kind: dice.below(6),
		statusCode: dice.below(3),
		statusMessage: dice.chance(0.2) ? dice.pick(strange) : '',
		traceState: dice.chance(0.1) ? 'vendor=value' : '',
		flags: dice.below(512),
		marks: dice.chance(0.1) ? dice.below(128) : 0,
		droppedAttributes: dice.below(3),
		droppedEvents: dice.below(2),
		droppedLinks: dice.below(2),
		type: dice.below(8),
		error: dice.chance(0.2),
		weight: dice.chance(0.1) ? 10 : 1,
		resource: randomResource(dice),
		scope: {
			name: `lib ${dice.below(3)}`,
			version: '1',
			...(dice.chance(0.2) ? { attributes: [['x', { intValue: '1' }]] } : {}),
		},
		attributes: randomAttributes(dice),
		...randomPromoted(dice),
		events: dice.list(2, () => ({
			timeUnixNano: endUnixNano - BigInt(dice.below(1_000)),
			name: dice.pick(['exception', 'log', ...strange]),
			attributes: randomAttributes(dice),
			droppedAttributes: dice.below(2),
		})),
		links: dice.list(2, () => ({
			traceId: dice.hex(32),
			spanId: dice.hex(16),
			traceState: dice.chance(0.5) ? 'a=b' : '',
			flags: dice.below(3),
			attributes: randomAttributes(dice),
			droppedAttributes: dice.below(2),
		})),
	};
}

/** Some never ended, some end before they start. */
function sentEnd(dice: Dice, endUnixNano: bigint, durationNano: bigint): bigint {
	if (dice.chance(0.02)) return 0n;
	return dice.chance(0.02) ? endUnixNano - durationNano - 5n : endUnixNano;
}

function randomResource(dice: Dice): PlainResource {
	const service = dice.pick(['cart', 'checkout', 'payment', "o'brien\\"]);
	return {
		service,
		namespace: dice.pick(['', 'shop']),
		version: dice.pick(['', '1.0', '1.1']),
		environment: dice.pick(['', 'production', 'staging']),
		instance: `host-${dice.below(2)}`,
		attributes: [
			['service.name', { stringValue: service }],
			['host.cpus', { intValue: String(dice.below(4)) }],
			['__proto__', { boolValue: true }],
		],
		schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
	};
}

function randomAttributes(dice: Dice): [string, AnyValue][] {
	const all: [string, AnyValue][] = [
		['text', { stringValue: dice.pick(strange) }],
		['whole', { intValue: String(BigInt.asIntN(64, BigInt(dice.below(2 ** 31)) ** 3n)) }],
		['real', { doubleValue: dice.pick([0, -1.5, 1e300, 0.1, dice.number()]) }],
		['infinite', { doubleValue: dice.pick(['NaN', 'Infinity', '-Infinity'] as const) }],
		['yes', { boolValue: dice.chance(0.5) }],
		['bytes', { bytesValue: 'AAEC/w==' }],
		['list', { arrayValue: { values: [{ intValue: '9007199254740993' }, { stringValue: 'x' }, {}] } }],
		['map', { kvlistValue: { values: [{ key: '__proto__', value: { doubleValue: 'NaN' } }] } }],
		['nothing', {}],
		['__proto__', { stringValue: 'own' }],
		['constructor', { intValue: '-1' }],
		[dice.pick(strange.slice(0, 6)), { stringValue: 'odd key' }],
	];
	return all.filter(() => dice.chance(0.4));
}

function randomPromoted(dice: Dice): Pick<PlainSpan, 'promoted' | 'copied'> {
	if (dice.chance(0.5)) return {};
	const promoted = {
		'http.request.method': 'GET',
		'http.response.status_code': BigInt(dice.pick([0, 200, 404, 500, 70_000])),
		'url.path': dice.pick(strange),
	};
	return dice.chance(0.5) ? { promoted } : { promoted, copied: { 'http.route': '/copied' } };
}
