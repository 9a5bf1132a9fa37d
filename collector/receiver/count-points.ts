import { DecodeError } from './decode-error.ts';
import type { OtlpEncoding } from './ingest-observer.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** Metric: gauge, sum, histogram, exponential histogram and summary, each with its points in field 1. */
const METRIC_DATA = new Set([5, 7, 9, 10, 11]);

/** Data points of an ExportMetricsServiceRequest, without reading them. */
export function countPoints(body: Uint8Array, encoding: OtlpEncoding): number {
	if (encoding === 'json') return countJson(body);
	const reader = new ProtobufReader();
	reader.open(body);
	const countScope = (): number => sumFields(reader, 2, () => countMetric(reader));
	return sumFields(reader, 1, () => sumFields(reader, 2, countScope));
}

const countMetric = (reader: ProtobufReader): number => {
	let points = 0;
	eachMessage(reader, (field) => {
		if (METRIC_DATA.has(field)) points += sumFields(reader, 1, () => 1);
	});
	return points;
};

/** Adds up what `count` finds in each message of the field. */
function sumFields(reader: ProtobufReader, field: number, count: () => number): number {
	let sum = 0;
	eachMessage(reader, (each) => {
		if (each === field) sum += count();
	});
	return sum;
}

/** Calls back at the start of each length-delimited field of the message at hand, which is the reader's limit then. */
function eachMessage(reader: ProtobufReader, visit: (field: number) => void): void {
	while (reader.position < reader.limit) {
		const tag = reader.tag();
		if ((tag & 7) !== 2) {
			reader.skip(tag, 'a request', 0);
			continue;
		}
		const outerLimit = reader.limit;
		const end = reader.end();
		reader.limit = end;
		visit(tag >>> 3);
		reader.limit = outerLimit;
		reader.position = end;
	}
}

function countJson(body: Uint8Array): number {
	const sum = (value: unknown, names: readonly string[], count: (inner: unknown) => number): number =>
		names.flatMap((name) => list(field(value, name))).reduce<number>((total, inner) => total + count(inner), 0);
	const countMetric = (metric: unknown): number =>
		JSON_METRIC_DATA.reduce(
			(total, name) => total + sum(field(metric, name), ['dataPoints', 'data_points'], () => 1),
			0,
		);
	return sum(parse(body), ['resourceMetrics', 'resource_metrics'], (resource) =>
		sum(resource, ['scopeMetrics', 'scope_metrics'], (scope) => sum(scope, ['metrics'], countMetric)),
	);
}

const JSON_METRIC_DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'exponential_histogram', 'summary'];

function parse(body: Uint8Array): unknown {
	let root: unknown;
	try {
		root = JSON.parse(new TextDecoder().decode(body));
	} catch (error) {
		throw new DecodeError(`the body is not JSON: ${error instanceof Error ? error.message : ''}`);
	}
	if (typeof root !== 'object' || root === null || Array.isArray(root))
		throw new DecodeError('the body is not a JSON object');
	return root;
}

const field = (value: unknown, name: string): unknown =>
	typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
