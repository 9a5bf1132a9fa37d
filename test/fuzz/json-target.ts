import { isDeepStrictEqual } from 'node:util';
import { DecodeError } from '../../collector/receiver/decode-error.ts';
import { TraceReader } from '../../collector/receiver/read-traces.ts';
import { encodeProto } from '../support/otlp-proto.ts';
import { wireRequest } from '../support/otlp-model.ts';
import { checkBlock, viewSpans } from '../support/span-block-view.ts';
import type { SpanView } from '../support/span-block-view.ts';
import { Dice } from './dice.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { deviate, mutateJson, writeJson } from './mutate-json.ts';
import { damage } from './noise.ts';
import { randomRequest, receivedMs } from './random-request.ts';

const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };

/** In front of bodies that mean the same as the protobuf behind them; others are on their own. */
const twinMark = 1;

/**
 * Valid requests in the spellings that senders use, with the same request in protobuf; requests with members of other
 * types; and noise. Layout: a byte that says which, the length of the JSON, the JSON, the protobuf.
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
	return framed(0, kind > 5 ? damage(body, dice) : body, new Uint8Array());
}

function framed(mark: number, json: Uint8Array, protobuf: Uint8Array): Uint8Array {
	const head = Buffer.alloc(5);
	head.writeUInt8(mark, 0);
	head.writeUInt32LE(json.length, 1);
	return Buffer.concat([head, json, protobuf]);
}

/** Read or refused with a typed error; what means the same as protobuf is stored as the same; what is no JSON is refused. */
export function jsonTarget(): FuzzTarget {
	const reader = new TraceReader();
	const execute = (input: Uint8Array): Verdict => {
		const frame = Buffer.from(input);
		const end = 5 + frame.readUInt32LE(1);
		const [json, isTwin] = [frame.subarray(5, end), frame[0] === twinMark];
		try {
			const { block, report } = reader.read(json, 'json', context);
			checkBlock(block);
			if (report.accepted !== block.rows) throw new Error('the report counts other spans than there are');
			if (!isObject(json)) throw new Error('what is no JSON object was taken');
			if (isTwin) compare(viewSpans(block), viewSpans(reader.read(frame.subarray(end), 'protobuf', context).block));
			return 'taken';
		} catch (error) {
			if (!(error instanceof DecodeError) || isTwin) throw error;
			return 'refused';
		}
	};
	return { name: 'json', concurrency: 1, make, execute, close: async () => {} };
}

function isObject(json: Buffer): boolean {
	try {
		return json.toString()[0] !== undefined && Object(JSON.parse(new TextDecoder().decode(json))) !== undefined;
	} catch {
		return false;
	}
}

/** Apart from the mark that ids came in base64. */
function compare(fromJson: readonly SpanView[], fromProtobuf: readonly SpanView[]): void {
	const unmarked = fromJson.map((view) => ({ ...view, marks: view.marks.filter((mark) => mark !== 'base64Id') }));
	if (isDeepStrictEqual(unmarked, fromProtobuf)) return;
	const show = (value: unknown) =>
		JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
	throw new Error(`JSON is stored as ${show(unmarked)}; the same in protobuf as ${show(fromProtobuf)}`);
}
