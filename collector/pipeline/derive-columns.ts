import { SPAN_TYPES } from '../../schema/span.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { sourcesOf } from './attribute-slots.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { ErrorTypes } from './error-type.ts';
import { OperationNames, qualifiedRpcMethod } from './operation-name.ts';
import { ERROR_TYPE, HTTP_STATUS, PromotedColumns, RPC_METHOD, RPC_STATUS, toDictionary } from './promoted-columns.ts';
import { removeOwn } from './remove-own.ts';
import { RowFacts } from './row-facts.ts';
import { samplingWeight } from './sampling-weight.ts';
import { isError } from './span-error.ts';
import { spanType } from './span-type.ts';
import { textAt } from './string-column.ts';

const SERVER = 2;
const CONSUMER = 5;
const RPC_SERVICE = sourcesOf('rpc.service');

/** Adds what is derived from each span: its type, operation, error, weight and the attributes with columns of their own. */
export function deriveColumns(spans: DecodedSpans): SpanBlock {
	const { rows } = spans;
	const facts = new RowFacts(spans);
	const promoted = new PromotedColumns(spans, facts);
	const operations = new OperationNames(facts, (nameRow) => textAt(spans.name.dictionary, nameRow));
	const errorTypes = new ErrorTypes(spans, facts);
	const type = new Uint8Array(rows);
	const error = new Uint8Array(rows);
	const operation = new Uint32Array(rows);
	for (let row = 0; row < rows; row++) {
		facts.read(row);
		promoted.fill(row);
		qualifyRpcMethod(row, facts, promoted);
		const typeOfRow = spanType(facts);
		type[row] = SPAN_TYPES.indexOf(typeOfRow);
		operation[row] = operations.operation(typeOfRow, spans.name.ids[row] as number);
		error[row] = deriveError(row, spans, facts, promoted, errorTypes) ? 1 : 0;
	}
	return {
		...spans,
		attributes: removeOwn(spans.attributes, spans.attributeKeys, promoted.own),
		type,
		error,
		entry: entries(spans),
		weight: weights(spans),
		operation: toDictionary(operation, facts.texts),
		promoted: promoted.finish(),
		promotedOwn: promoted.own,
	};
}

/** Older instrumentations send the method alone and its service beside it. */
function qualifyRpcMethod(row: number, facts: RowFacts, promoted: PromotedColumns): void {
	const method = promoted.texts[RPC_METHOD]?.[row] ?? 0;
	if (method === 0) return;
	const service = facts.text(RPC_SERVICE);
	if (service === 0) return;
	const text = facts.texts.text(method);
	const qualified = qualifiedRpcMethod(facts.texts.text(service), text);
	if (qualified !== text) promoted.replace(RPC_METHOD, row, facts.texts.internText(qualified));
}

function deriveError(
	row: number,
	spans: DecodedSpans,
	facts: RowFacts,
	promoted: PromotedColumns,
	errorTypes: ErrorTypes,
): boolean {
	const httpStatus = promoted.integer(HTTP_STATUS, row);
	const rpcStatus = promoted.texts[RPC_STATUS]?.[row] ?? 0;
	const rpcText = rpcStatus === 0 ? '' : facts.texts.text(rpcStatus);
	if (!isError(spans.statusCode[row] as number, facts.kind, httpStatus, rpcText)) return false;
	if (promoted.texts[ERROR_TYPE]?.[row] === 0) {
		promoted.replace(ERROR_TYPE, row, errorTypes.derive(row, httpStatus, rpcStatus));
	}
	return true;
}

/** Where a service is asked for something: kind SERVER or CONSUMER, or the beginning of a trace. */
function entries(spans: DecodedSpans): Uint8Array {
	return Uint8Array.from(spans.kind, (kind, row) => {
		if (kind === SERVER || kind === CONSUMER) return 1;
		const start = row * 8;
		for (let i = start; i < start + 8; i++) {
			if (spans.parentSpanId[i] !== 0) return 0;
		}
		return 1;
	});
}

function weights(spans: DecodedSpans): Float64Array {
	const { bytes, ends } = spans.traceState;
	const weight = new Float64Array(spans.rows).fill(1);
	// One byte a row is the length 0 of an empty text: nobody sampled.
	if (bytes.length === spans.rows) return weight;
	const known = new Map<string, number>();
	for (let row = 0; row < spans.rows; row++) {
		if ((ends[row] as number) - (row === 0 ? 0 : (ends[row - 1] as number)) === 1) continue;
		const text = textAt(spans.traceState, row);
		const value = known.get(text) ?? samplingWeight(text);
		known.set(text, value);
		weight[row] = value;
	}
	return weight;
}
