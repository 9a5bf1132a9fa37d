import { countPoints } from '../../collector/receiver/count-points.ts';
import { DecodeError } from '../../collector/receiver/decode-error.ts';
import { decodeProtoBare, encodeProto, protoMessage } from '../support/otlp-proto.ts';
import { listOf, objectOf } from './bare-request.ts';
import { Dice } from './dice.ts';
import { framed, isJsonObject, unframed } from './frame.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { deviate, mutateJson, writeJson } from './mutate-json.ts';
import { mutateFields } from './mutate-wire.ts';
import { damage } from './noise.ts';
import { encodeFields, isAmbiguous, parseFields } from './wire-tree.ts';
import type { WireField } from './wire-tree.ts';

const NAME = 'ExportMetricsServiceRequest';
const requestType = protoMessage(NAME);
const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

/** In protobuf; in JSON; and in JSON with the same in protobuf behind it. */
const marks = { protobuf: 0, json: 1, twin: 2 };

/** Valid requests of both encodings, requests changed field by field, and noise. */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	const json = randomMetrics(dice);
	const protobuf = encodeProto(NAME, json);
	const kind = dice.below(10);
	if (kind < 2) return framed(marks.twin, Buffer.from(writeJson(deviate(json, dice))), protobuf);
	if (kind < 5) {
		const body = Buffer.from(writeJson(kind === 2 ? json : mutateJson(dice.chance(0.05) ? [json] : json, dice)));
		return framed(marks.json, kind === 3 ? body : damage(body, dice));
	}
	if (kind === 5 || protobuf.length === 0) return framed(marks.protobuf, protobuf);
	if (kind < 8) return framed(marks.protobuf, damage(protobuf, dice));
	const fields = parseFields(protobuf, requestType);
	mutateFields(fields, dice);
	return framed(marks.protobuf, encodeFields(fields));
}

/** The same object in both encodings: it has no ids. */
const randomMetrics = (dice: Dice): Record<string, unknown> => ({
	resourceMetrics: listed(dice, () => ({
		resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
		scopeMetrics: listed(dice, () => ({
			scope: { name: 'meter' },
			metrics: listed(dice, () => ({
				name: 'requests',
				[dice.pick(KINDS)]: { dataPoints: listed(dice, () => ({ timeUnixNano: String(dice.bits64()) })) },
			})),
		})),
	})),
});

const listed = (dice: Dice, make: () => object): object[] => Array.from({ length: dice.below(4) }, make);

/** Counted or refused with a typed error; what is counted in protobuf is what protobufjs reads, and the same as in JSON. */
export function metricsTarget(): FuzzTarget {
	const execute = (input: Uint8Array): Verdict => {
		const { mark, first, second } = unframed(input);
		try {
			const points = countPoints(first, mark === marks.protobuf ? 'protobuf' : 'json');
			if (mark !== marks.protobuf && !isJsonObject(first)) throw new Error('what is no JSON object was taken');
			const expected = mark === marks.twin ? pointsOf(second) : mark === marks.protobuf ? pointsOf(first) : undefined;
			if (expected !== undefined && expected !== points)
				throw new Error(`${points} points; protobufjs reads ${expected}`);
			return 'taken';
		} catch (error) {
			if (!(error instanceof DecodeError) || mark === marks.twin) throw error;
			return 'refused';
		}
	};
	return { name: 'metrics', concurrency: 1, make, execute, close: async () => {} };
}

/** As protobufjs reads them; undefined where decoders may differ: nobody looks into what is only counted. */
function pointsOf(body: Uint8Array): number | undefined {
	let fields: WireField[];
	try {
		fields = parseFields(body, requestType);
	} catch {
		return undefined;
	}
	if (isAmbiguous(fields, requestType)) return undefined;
	const metrics = listOf(decodeProtoBare(NAME, encodeFields(fields))['resourceMetrics'])
		.flatMap((resource) => listOf(resource['scopeMetrics']))
		.flatMap((scope) => listOf(scope['metrics']));
	return metrics.reduce(
		(total, metric) => KINDS.reduce((sum, kind) => sum + listOf(objectOf(metric[kind])['dataPoints']).length, total),
		0,
	);
}
