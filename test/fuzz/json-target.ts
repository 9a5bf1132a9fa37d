import { isDeepStrictEqual } from 'node:util';
import { DecodeError } from '../../collector/receiver/decode-error.ts';
import { TraceReader } from '../../collector/receiver/read-traces.ts';
import { encodeProto } from '../support/otlp-proto.ts';
import { wireRequest } from '../support/otlp-model.ts';
import { checkBlock, viewSpans } from '../support/span-block-view.ts';
import type { SpanView } from '../support/span-block-view.ts';
import { Dice } from './dice.ts';
import { framed, isJsonObject, unframed } from './frame.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { deviate, mutateJson, writeJson } from './mutate-json.ts';
import { damage } from './noise.ts';
import { randomRequest, receivedMs } from './random-request.ts';

const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };

/** In front of bodies that mean the same as the protobuf behind them; others are on their own. */
const twinMark = 1;

/**
 * Valid requests in the spellings that senders use, with the same request in protobuf; requests with members of other
 * types; and noise.
 */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	const request = randomRequest(dice);
	const json = wireRequest(request, true);
	const kind = dice.below(10);
	if (kind < 4) {
		const protobuf = encodeProto('ExportTraceServiceRequest', wireRequest(request, false));
		return framed(twinMark, Buffer.from(writeJson(deviate(json, dice))), protobuf);
	}
	const body = Buffer.from(writeJson(kind < 7 ? mutateJson(json, dice) : json));
	return framed(0, kind > 5 ? damage(body, dice) : body);
}

/** Read or refused with a typed error; what means the same as protobuf is stored as the same; what is no JSON is refused. */
export function jsonTarget(): FuzzTarget {
	const reader = new TraceReader();
	const execute = (input: Uint8Array): Verdict => {
		const { mark, first: json, second: protobuf } = unframed(input);
		const isTwin = mark === twinMark;
		try {
			const { block, report } = reader.read(json, 'json', context);
			checkBlock(block);
			if (report.accepted !== block.rows) throw new Error('the report counts other spans than there are');
			if (!isJsonObject(json)) throw new Error('what is no JSON object was taken');
			if (isTwin) compare(viewSpans(block), viewSpans(reader.read(protobuf, 'protobuf', context).block));
			return 'taken';
		} catch (error) {
			if (!(error instanceof DecodeError) || isTwin) throw error;
			return 'refused';
		}
	};
	return { name: 'json', concurrency: 1, make, execute, close: async () => {} };
}

/** Apart from the mark that ids came in base64. */
function compare(fromJson: readonly SpanView[], fromProtobuf: readonly SpanView[]): void {
	const unmarked = fromJson.map((view) => ({ ...view, marks: view.marks.filter((mark) => mark !== 'base64Id') }));
	if (isDeepStrictEqual(unmarked, fromProtobuf)) return;
	const show = (value: unknown) =>
		JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
	throw new Error(`JSON is stored as ${show(unmarked)}; the same in protobuf as ${show(fromProtobuf)}`);
}
