import type { EventModel, LinkModel, PairModel, RequestModel, SpanModel, ValueModel } from '../support/otlp-model.ts';
import type { Dice } from './dice.ts';

export const receivedMs = 1_795_000_000_000;

export const texts = [
	'',
	'GET /orders',
	'\0',
	'__proto__',
	'ünïcödé 🪵',
	'\u202ertl',
	'a "quoted" one',
	"it's",
	'<b>',
	'x'.repeat(300),
];
/** Names that have meaning to the pipeline come often, so that columns of their own are tried with all types. */
const keys = [
	'',
	'k',
	'constructor',
	'__proto__',
	'http.request.method',
	'http.method',
	'http.response.status_code',
	'http.route',
	'url.path',
	'db.system.name',
	'db.system',
	'db.query.text',
	'db.statement',
	'rpc.method',
	'messaging.system',
	'server.address',
	'error.type',
	'exception.type',
	'service.name',
];
const integers = [0n, 1n, -1n, 200n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const doubles = [0, -0, 0.1, -1.5, 5e-324, 1.7e308, 2 ** 63, -1e19, 1e21, Number.NaN, Infinity, -Infinity];

function scalar(dice: Dice): ValueModel {
	switch (dice.below(7)) {
		case 0:
		case 1:
			return { s: dice.pick(texts) };
		case 2:
			return { i: dice.pick(integers) };
		case 3:
			return { d: dice.pick(doubles) };
		case 4:
			return { b: dice.chance(0.5) };
		case 5:
			return { bytes: dice.bytes(dice.below(12)) };
		default:
			return { empty: true };
	}
}

export function value(dice: Dice, depth: number): ValueModel {
	if (depth === 0 || dice.chance(0.8)) return scalar(dice);
	if (dice.chance(0.5)) return { array: Array.from({ length: dice.below(4) }, () => value(dice, depth - 1)) };
	return { map: Array.from({ length: dice.below(4) }, () => [dice.pick(texts), value(dice, depth - 1)]) };
}

export const attributes = (dice: Dice): PairModel[] =>
	Array.from({ length: dice.below(5) }, () => [dice.pick(keys), value(dice, 2)]);

export const time = (dice: Dice): bigint =>
	dice.chance(0.9)
		? BigInt(receivedMs - dice.below(3_600_000)) * 1_000_000n + BigInt(dice.below(1_000_000))
		: dice.bits64();

const event = (dice: Dice): EventModel => ({
	time: time(dice),
	name: dice.pick(['exception', ...texts]),
	attributes: attributes(dice),
	dropped: dice.below(3),
});

const link = (dice: Dice): LinkModel => ({
	traceId: dice.bytes(16),
	spanId: dice.bytes(8),
	traceState: dice.pick(['', 'a=b']),
	flags: dice.below(2 ** 32),
	attributes: attributes(dice),
	dropped: dice.below(3),
});

const span = (dice: Dice): SpanModel => ({
	traceId: dice.chance(0.95) ? dice.bytes(16) : new Uint8Array(dice.pick([0, 8, 16, 17])),
	spanId: dice.chance(0.95) ? dice.bytes(8) : new Uint8Array(dice.pick([0, 7, 8])),
	parentSpanId: dice.chance(0.6) ? dice.bytes(8) : null,
	traceState: dice.pick(['', '', 'a=b', 'ot=th:8']),
	flags: dice.chance(0.5) ? 0 : dice.below(2 ** 32),
	name: dice.pick(texts),
	kind: dice.below(7),
	start: time(dice),
	end: dice.chance(0.05) ? 0n : time(dice),
	attributes: attributes(dice),
	dropped: [dice.below(4), dice.below(4), dice.chance(0.02) ? 2 ** 32 - 1 : 0],
	events: dice.list(2, () => event(dice)),
	links: dice.list(2, () => link(dice)),
	status: { code: dice.below(4), message: dice.pick(['', '', 'no stock']) },
});

/** A request with a bit of everything, small enough to be made a million times. */
export const randomRequest = (dice: Dice): RequestModel =>
	Array.from({ length: 1 + dice.below(2) }, () => ({
		resource: attributes(dice),
		scope: { name: dice.pick(['', 'lib', 'ünï']), version: dice.pick(['', '1.0']) },
		spans: Array.from({ length: dice.below(4) }, () => span(dice)),
	}));
