import { DecodeError } from '../../collector/receiver/decode-error.ts';
import { TraceReader } from '../../collector/receiver/read-traces.ts';
import { decodeProtoBare, encodeProto, protoMessage } from '../support/otlp-proto.ts';
import { expectedSpans, wireRequest } from '../support/otlp-model.ts';
import { checkBlock, viewSpans } from '../support/span-block-view.ts';
import type { SpanView } from '../support/span-block-view.ts';
import { modelOf } from './bare-request.ts';
import { Dice } from './dice.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { mutateFields } from './mutate-wire.ts';
import { damage } from './noise.ts';
import { randomRequest, receivedMs } from './random-request.ts';
import { readStored } from './stored-fields.ts';
import { encodeFields, isAmbiguous, parseFields } from './wire-tree.ts';

const NAME = 'ExportTraceServiceRequest';
const requestType = protoMessage(NAME);
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };

/** Valid requests, requests changed field by field, and noise. */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	const body = encodeProto(NAME, wireRequest(randomRequest(dice), false));
	const kind = dice.below(10);
	if (kind === 0 || body.length === 0) return body;
	if (kind < 4) return damage(body, dice);
	const fields = parseFields(body, requestType);
	mutateFields(fields, dice);
	const mutated = encodeFields(fields);
	return kind === 4 && mutated.length > 0 ? damage(mutated, dice) : mutated;
}

/** Decoded or refused with a typed error; what is decoded is what protobufjs reads out of the same bytes. */
export function protobufTarget(): FuzzTarget {
	const reader = new TraceReader();
	const execute = (body: Uint8Array): Verdict => {
		let read: ReturnType<TraceReader['read']>;
		try {
			read = reader.read(body, 'protobuf', context);
		} catch (error) {
			if (!(error instanceof DecodeError)) throw error;
			return 'refused';
		}
		checkBlock(read.block);
		if (read.report.accepted !== read.block.rows) throw new Error('the report counts other spans than there are');
		if (read.block.attributes.string.values.bytes.length > body.length * 4 + 64) throw new Error('texts have grown');
		compare(body, viewSpans(read.block));
		return 'taken';
	};
	return { name: 'protobuf', concurrency: 1, make, execute, close: async () => {} };
}

function compare(body: Uint8Array, views: readonly SpanView[]): void {
	const fields = readStored(body, requestType);
	if (isAmbiguous(fields, requestType)) return;
	const expected = expectedSpans(modelOf(decodeProtoBare(NAME, encodeFields(fields))));
	if (expected.length !== views.length)
		throw new Error(`${views.length} spans; protobufjs reads ${expected.length} with valid ids`);
	for (const [row, want] of expected.entries()) {
		const view = views[row];
		if (view === undefined) return;
		// What is over a limit was cut, and what is secret was masked: then the columns of ids and times are compared alone.
		const isWhole = !view.marks.includes('cut') && !view.marks.includes('redacted');
		for (const key of Object.keys(want) as (keyof SpanView)[]) {
			if (!isWhole && !alwaysKept.has(key)) continue;
			if (!isSame(view[key], want[key])) {
				throw new Error(`${key} of span ${row} is ${show(view[key])}; protobufjs reads ${show(want[key])}`);
			}
		}
	}
}

const alwaysKept = new Set<keyof SpanView>([
	'traceId',
	'spanId',
	'parentSpanId',
	'kind',
	'flags',
	'startUnixNano',
	'endUnixNano',
	'durationNano',
	'statusCode',
]);

/** Records without a prototype are equal to those with one. */
function isSame(one: unknown, other: unknown): boolean {
	if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
		return Object.is(one, other);
	const keys = Object.keys(one);
	return (
		keys.length === Object.keys(other).length &&
		keys.every((key) => isSame((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]))
	);
}

const show = (value: unknown): string =>
	JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing';
