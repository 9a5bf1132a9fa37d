import { isDeepStrictEqual } from 'node:util';
import { DecodeError } from '../../collector/receiver/decode-error.ts';
import { TraceReader } from '../../collector/receiver/read-traces.ts';
import { checkBlock, viewSpans } from '../support/span-block-view.ts';
import type { SpanView } from '../support/span-block-view.ts';
import { Dice } from './dice.ts';
import { framed, unframed } from './frame.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { mutateJson, writeJson } from './mutate-json.ts';
import { damage } from './noise.ts';
import { receivedMs, texts } from './random-request.ts';

const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };
/** OTLP's numbers. */
const KINDS = { CLIENT: 3, SERVER: 2, PRODUCER: 4, CONSUMER: 5 } as const;
type Kind = keyof typeof KINDS;

/** As it was made, or changed. */
const marks = { valid: 0, changed: 1 };

type ZipkinSpan = {
	traceId: string;
	id: string;
	parentId?: string;
	name: string;
	kind?: Kind;
	timestamp: number;
	duration?: number;
	localEndpoint: { serviceName: string; ipv4?: string; port?: number };
	annotations: { timestamp: number; value: string }[];
	tags: Record<string, string>;
};

/** Valid lists of spans, lists with members of other types, and noise. */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	const spans = Array.from({ length: dice.below(4) }, () => randomSpan(dice));
	const kind = dice.below(10);
	if (kind < 4) return framed(marks.valid, Buffer.from(writeJson(spans)));
	const body = Buffer.from(writeJson(kind < 8 ? mutateJson(dice.chance(0.05) ? { spans } : spans, dice) : spans));
	return framed(marks.changed, kind > 6 ? damage(body, dice) : body);
}

function randomSpan(dice: Dice): ZipkinSpan {
	const timestamp = receivedMs * 1_000 - dice.below(3_600_000_000);
	return {
		traceId: id(dice, dice.pick([8, 16])),
		id: id(dice, 8),
		...(dice.chance(0.5) ? { parentId: id(dice, 8) } : {}),
		name: dice.pick(texts),
		...(dice.chance(0.7) ? { kind: dice.pick(Object.keys(KINDS) as Kind[]) } : {}),
		timestamp,
		...(dice.chance(0.9) ? { duration: dice.below(10_000_000) } : {}),
		localEndpoint: {
			serviceName: dice.pick(['cart', '']),
			...(dice.chance(0.5) ? { ipv4: '10.0.0.1', port: 80 } : {}),
		},
		annotations: dice.list(3, () => ({ timestamp, value: dice.pick(texts) })),
		tags: Object.fromEntries(dice.list(3, () => [dice.pick(['http.method', 'error', 'k']), dice.pick(texts)])),
	};
}

/** Never of zeros, which is none. */
const id = (dice: Dice, bytes: number): string =>
	Buffer.from(dice.bytes(bytes).map((byte) => byte | 1)).toString('hex');

/** Read or refused with a typed error; what is valid is stored span by span as it was made; what is no list is refused. */
export function zipkinTarget(): FuzzTarget {
	const reader = new TraceReader();
	const execute = (input: Uint8Array): Verdict => {
		const { mark, first } = unframed(input);
		try {
			const { block, report } = reader.read(first, 'zipkin', context);
			checkBlock(block);
			if (report.accepted !== block.rows) throw new Error('the report counts other spans than there are');
			const spans: unknown = JSON.parse(new TextDecoder().decode(first));
			if (!Array.isArray(spans)) throw new Error('what is no list was taken');
			if (mark === marks.valid) compare(viewSpans(block), spans as ZipkinSpan[]);
			return 'taken';
		} catch (error) {
			if (!(error instanceof DecodeError) || mark === marks.valid) throw error;
			return 'refused';
		}
	};
	return { name: 'zipkin', concurrency: 1, make, execute, close: async () => {} };
}

function compare(views: readonly SpanView[], spans: readonly ZipkinSpan[]): void {
	const byId = ({ spanId }: { spanId: string }, { spanId: other }: { spanId: string }) => (spanId < other ? -1 : 1);
	const got = views.map(storedOf).sort(byId);
	const want = spans.map(expectedOf).sort(byId);
	if (!isDeepStrictEqual(got, want)) throw new Error(`stored is ${show(got)}; sent was ${show(want)}`);
}

/** What both know of a span; services are gathered, so the order is another. */
const storedOf = (view: SpanView) => ({
	traceId: view.traceId,
	spanId: view.spanId,
	parentSpanId: view.parentSpanId,
	name: view.name,
	kind: view.kind,
	startUnixNano: view.startUnixNano,
	endUnixNano: view.endUnixNano,
	service: view.service,
	events: view.events.map(({ timeUnixNano, name }) => [timeUnixNano, name]),
	tags: Object.entries(view.attributes).filter(([key]) => !key.startsWith('network.')),
	isError: view.statusCode === 2,
});

const expectedOf = (span: ZipkinSpan) => {
	const start = BigInt(span.timestamp) * 1_000n;
	return {
		traceId: span.traceId.padStart(32, '0'),
		spanId: span.id,
		parentSpanId: span.parentId === span.id ? '0'.repeat(16) : (span.parentId ?? '0'.repeat(16)),
		name: span.name,
		kind: span.kind === undefined ? 1 : KINDS[span.kind],
		startUnixNano: start,
		endUnixNano: span.duration === undefined ? 0n : start + BigInt(span.duration) * 1_000n,
		service: span.localEndpoint.serviceName || 'unknown_service',
		events: span.annotations.map(({ timestamp, value }) => [BigInt(timestamp) * 1_000n, value]),
		tags: Object.entries(span.tags)
			.map(([key, value]) => [key, `s${value}`])
			.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
		isError: 'error' in span.tags,
	};
};

const show = (held: unknown): string =>
	JSON.stringify(held, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
