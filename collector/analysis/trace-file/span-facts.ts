import type { KeyValue } from '../../../schema/api.ts';
import type { OtlpSpan } from '../../../schema/otlp-json.ts';
import type { SpanType } from '../../../schema/span.ts';

/** What a span of a file is about. */
export interface FileSpanFacts {
	type: SpanType;
	operation: string;
	httpStatus: number;
	isError: boolean;
}

const CLIENT = 3;
const ERROR = 2;
const OK = 1;

/** Keys of the semantic conventions, new and old, that tell the type of a span. */
const TYPE_KEYS: readonly [SpanType, readonly string[]][] = [
	['genai', ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.system']],
	['db', ['db.system.name', 'db.system', 'db.query.text', 'db.statement']],
	['messaging', ['messaging.system', 'messaging.destination.name', 'messaging.destination']],
	['rpc', ['rpc.system.name', 'rpc.system']],
	['faas', ['faas.trigger', 'faas.invoked_name']],
	['graphql', ['graphql.operation.type', 'graphql.document']],
	['http', ['http.request.method', 'http.method', 'http.response.status_code', 'http.status_code', 'url.full']],
];

/**
 * A short form of what the receiver derives (`collector/pipeline`), for spans that never went through it: enough to draw
 * a file. First match wins, in the receiver's order.
 */
export function fileSpanFacts(span: OtlpSpan): FileSpanFacts {
	const values = new Map(span.attributes.map(({ key, value }) => [key, plainText(value)]));
	const first = (...keys: readonly string[]): string =>
		keys.map((key) => values.get(key) ?? '').find((text) => text !== '') ?? '';
	const type = TYPE_KEYS.find(([, keys]) => keys.some((key) => values.has(key)))?.[0] ?? 'custom';
	const status = Number(first('http.response.status_code', 'http.status_code'));
	const httpStatus = Number.isInteger(status) && status > 0 && status < 1000 ? status : 0;
	const { code = 0 } = span.status;
	return {
		type,
		operation: (type === 'db' ? databaseOperation(first) : '') || span.name,
		httpStatus,
		isError: code === ERROR || (code !== OK && httpStatus >= (span.kind === CLIENT ? 400 : 500)),
	};
}

function databaseOperation(first: (...keys: readonly string[]) => string): string {
	const summary = first('db.query.summary');
	if (summary !== '') return summary;
	const verb = first('db.operation.name', 'db.operation');
	return [verb, first('db.collection.name', 'db.sql.table', 'db.mongodb.collection')]
		.filter((word) => word !== '')
		.join(' ');
}

/** Scalars as text; empty for the rest. */
export function plainText(value: KeyValue['value']): string {
	const { stringValue, intValue, doubleValue, boolValue } = value;
	return stringValue ?? intValue ?? (doubleValue ?? boolValue ?? '').toString();
}
