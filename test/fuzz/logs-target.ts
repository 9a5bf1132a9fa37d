import { isDeepStrictEqual } from 'node:util';
import { Redactor } from '../../collector/pipeline/redaction.ts';
import { DecodeError } from '../../collector/receiver/decode-error.ts';
import { LogReader } from '../../collector/receiver/read-logs.ts';
import type { LogBlock, LogRecord } from '../../schema/log-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import { expectedLogs, wireLogs } from '../support/otlp-logs-model.ts';
import type { ExpectedLog, LogModel, LogsModel } from '../support/otlp-logs-model.ts';
import { decodeProtoBare, encodeProto, protoMessage } from '../support/otlp-proto.ts';
import { bigOf, bytesOf, enumOf, listOf, numberOf, objectOf, pairsOf, textOf, valueOf } from './bare-request.ts';
import type { Bare } from './bare-request.ts';
import { Dice } from './dice.ts';
import { framed, isJsonObject, unframed } from './frame.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { deviate, mutateJson, writeJson } from './mutate-json.ts';
import { mutateFields } from './mutate-wire.ts';
import { damage } from './noise.ts';
import { attributes, receivedMs, texts, time, value } from './random-request.ts';
import { encodeFields, isAmbiguous, parseFields } from './wire-tree.ts';
import type { WireField } from './wire-tree.ts';

const NAME = 'ExportLogsServiceRequest';
const requestType = protoMessage(NAME);
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000, maxCorrelated: 1_000_000 };

/** A body in protobuf, one in JSON, or one in JSON with the same in protobuf behind it. */
const marks = { protobuf: 0, json: 1, twin: 2 };

/** Valid requests of both encodings, requests changed field by field, and noise. */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	const request = randomLogs(dice);
	const protobuf = encodeProto(NAME, wireLogs(request, false));
	const kind = dice.below(10);
	if (kind < 2) return framed(marks.twin, Buffer.from(writeJson(deviate(wireLogs(request, true), dice))), protobuf);
	if (kind < 5) {
		const json = wireLogs(request, true);
		const body = Buffer.from(writeJson(kind === 2 ? json : mutateJson(dice.chance(0.05) ? [json] : json, dice)));
		return framed(marks.json, kind === 3 ? body : damage(body, dice));
	}
	if (kind === 5 || protobuf.length === 0) return framed(marks.protobuf, protobuf);
	if (kind === 6) return framed(marks.protobuf, damage(protobuf, dice));
	const fields = parseFields(protobuf, requestType);
	mutateFields(fields, dice);
	return framed(marks.protobuf, encodeFields(fields));
}

const record = (dice: Dice): LogModel => ({
	traceId: dice.chance(0.7) ? dice.bytes(16) : new Uint8Array(dice.pick([0, 8, 16])),
	spanId: dice.chance(0.8) ? dice.bytes(8) : new Uint8Array(dice.pick([0, 7, 8])),
	time: dice.chance(0.2) ? 0n : time(dice),
	observed: dice.chance(0.2) ? 0n : time(dice),
	severity: dice.below(26),
	severityText: dice.pick(texts),
	eventName: dice.pick(texts),
	body: dice.chance(0.2) ? undefined : value(dice, 2),
	attributes: [
		...attributes(dice),
		...(dice.chance(0.2) ? [['exception.message', { s: dice.pick(texts) }] as const] : []),
	].map(([key, held]) => [key, held]),
	dropped: dice.chance(0.02) ? 2 ** 32 - 1 : dice.below(3),
	flags: dice.chance(0.5) ? 0 : dice.below(2 ** 32),
});

const randomLogs = (dice: Dice): LogsModel =>
	Array.from({ length: 1 + dice.below(2) }, () => ({
		resource: attributes(dice),
		scope: { name: dice.pick(['', 'logger']), version: dice.pick(['', '1.0']) },
		records: Array.from({ length: dice.below(4) }, () => record(dice)),
	}));

/**
 * Read or refused with a typed error. What is read of protobuf is what protobufjs reads; what means the same in JSON is
 * stored as the same; what is no JSON is refused.
 */
export function logsTarget(): FuzzTarget {
	const reader = new LogReader(new Redactor());
	const read = (body: Uint8Array, encoding: 'protobuf' | 'json'): LogBlock => {
		const { block, report } = reader.read(body, encoding, context);
		const kept = report.accepted.exceptions + report.accepted.correlated;
		if (kept !== block.rows || block.records.length !== block.rows || block.timeUnixMs.length !== block.rows)
			throw new Error('the report counts other records than there are');
		return block;
	};
	const execute = (input: Uint8Array): Verdict => {
		const { mark, first, second } = unframed(input);
		try {
			if (mark === marks.protobuf) comparePeer(first, read(first, 'protobuf'));
			else {
				const block = read(first, 'json');
				if (!isJsonObject(first)) throw new Error('what is no JSON object was taken');
				if (mark === marks.twin) compareTwins(block, read(second, 'protobuf'));
			}
			return 'taken';
		} catch (error) {
			if (!(error instanceof DecodeError) || mark === marks.twin) throw error;
			return 'refused';
		}
	};
	return { name: 'logs', concurrency: 1, make, execute, close: async () => {} };
}

/** What protobufjs reads out of the same bytes; where it can't, what is damaged belongs to a record that is not kept. */
function comparePeer(body: Uint8Array, { records }: LogBlock): void {
	const fields = wholeFields(body);
	if (fields === undefined || isAmbiguous(fields, requestType)) return;
	const expected = expectedLogs(logsOf(decodeProtoBare(NAME, encodeFields(fields))));
	// Attributes beyond the limit may be those that say of an exception.
	if (records.some((each) => (each.marks & SPAN_MARKS.cut) !== 0)) return;
	if (expected.length !== records.length)
		throw new Error(`${records.length} records; protobufjs reads ${expected.length} that are kept`);
	for (const [row, want] of expected.entries()) {
		const got = viewOf(records[row]!);
		const isWhole = (records[row]!.marks & SPAN_MARKS.redacted) === 0;
		for (const key of Object.keys(want) as (keyof ExpectedLog)[]) {
			if (!isWhole && (key === 'attributes' || key === 'body')) continue;
			if (!isDeepStrictEqual(got[key], want[key]))
				throw new Error(`${key} of record ${row} is ${show(got[key])}; protobufjs reads ${show(want[key])}`);
		}
	}
}

function wholeFields(body: Uint8Array): WireField[] | undefined {
	try {
		return parseFields(body, requestType);
	} catch {
		return undefined;
	}
}

/** With what it says of its exception among its attributes again. */
function viewOf(log: LogRecord): ExpectedLog {
	const { exceptionType, exceptionMessage, exceptionStacktrace } = log;
	const exception: [string, string][] = [
		['exception.type', exceptionType],
		['exception.message', exceptionMessage],
		['exception.stacktrace', exceptionStacktrace],
	];
	const all = new Map<string, string>(log.attributes);
	for (const [key, text] of exception) if (text !== '') all.set(key, `s${text}`);
	const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
	const { traceId, spanId, timeUnixNano, observedUnixNano, severity, severityText, eventName, body } = log;
	return {
		traceId,
		spanId,
		timeUnixNano,
		observedUnixNano,
		severity,
		severityText,
		eventName,
		body,
		attributes: Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(sorted)),
		droppedAttributes: log.droppedAttributes,
		flags: log.flags,
	};
}

const logsOf = (bare: Bare): LogsModel =>
	listOf(bare['resourceLogs']).flatMap((resourceLogs) =>
		listOf(resourceLogs['scopeLogs']).map((scopeLogs) => ({
			resource: pairsOf(objectOf(resourceLogs['resource'])['attributes']),
			scope: { name: '', version: '' },
			records: listOf(scopeLogs['logRecords']).map(recordOf),
		})),
	);

const recordOf = (bare: Bare): LogModel => ({
	traceId: bytesOf(bare['traceId']),
	spanId: bytesOf(bare['spanId']),
	time: bigOf(bare['timeUnixNano']),
	observed: bigOf(bare['observedTimeUnixNano']),
	severity: enumOf(bare['severityNumber']),
	severityText: textOf(bare['severityText']),
	eventName: textOf(bare['eventName']),
	body: 'body' in bare ? valueOf(objectOf(bare['body'])) : undefined,
	attributes: pairsOf(bare['attributes']),
	dropped: numberOf(bare['droppedAttributesCount']),
	flags: numberOf(bare['flags']),
});

/** Apart from the mark that ids came in base64, and from whether equal resources share a row. */
function compareTwins(fromJson: LogBlock, fromProtobuf: LogBlock): void {
	const [json, protobuf] = [withSources(fromJson), withSources(fromProtobuf)];
	const unmarked = json.map((each) => ({ ...each, marks: each.marks & ~SPAN_MARKS.base64Id }));
	if (isDeepStrictEqual([unmarked, fromJson.timeUnixMs], [protobuf, fromProtobuf.timeUnixMs])) return;
	throw new Error(`JSON is stored as ${show(unmarked)}; the same in protobuf as ${show(protobuf)}`);
}

const withSources = ({ records, resources, scopes }: LogBlock) =>
	records.map((each) => ({ ...each, resource: resources[each.resource], scope: scopes[each.scope] }));

const show = (held: unknown): string =>
	JSON.stringify(held, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing';
