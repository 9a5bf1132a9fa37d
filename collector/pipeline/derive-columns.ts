import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { SPAN_TYPES } from '../../schema/span.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { USUAL_DERIVATION, type DerivationSettings } from './derivation-settings.ts';
import { DerivedTexts } from './derived-texts.ts';
import { ErrorTypes } from './error-type.ts';
import { factOf, SlotNames } from './facts.ts';
import { StringColumnBuilder } from './growable-columns.ts';
import { OperationNames, qualifiedRpcMethod } from './operation-name.ts';
import { PathNames } from './path-names.ts';
import { ERROR_TYPE, PromotedColumns, QUERY_SUMMARY, RPC_METHOD, RPC_STATUS } from './promoted-columns.ts';
import { QueryColumnsBuilder } from './query-columns.ts';
import { removeOwn } from './remove-own.ts';
import { RowFacts } from './row-facts.ts';
import { ERROR, isError } from './span-error.ts';
import { spanEntries } from './span-entry.ts';
import { spanType } from './span-type.ts';
import { contentStart } from './string-column.ts';
import { spanWeights } from './sampling-weight.ts';

const RPC_SERVICE = factOf('rpc.service');

/**
 * Adds what is derived from each span: its type, operation, error, weight and the attributes with columns of their own.
 * Keeps what it worked out for the next block, which for the same spans comes out the same.
 */
export class ColumnDeriver {
	readonly #names = new SlotNames();
	readonly #queries = new QueryColumnsBuilder();
	/** Memory for the columns of texts, which are the same for each block. */
	readonly #strings = PROMOTED_ATTRIBUTES.map(() => new StringColumnBuilder());
	#texts = new DerivedTexts();
	readonly #settings: DerivationSettings;
	readonly #paths: PathNames | undefined;
	#operations: OperationNames;

	constructor(settings: DerivationSettings = USUAL_DERIVATION) {
		this.#settings = settings;
		this.#paths = settings.pathsAsRoutes ? new PathNames() : undefined;
		this.#operations = new OperationNames(this.#texts, this.#paths);
	}

	derive(spans: DecodedSpans): SpanBlock {
		if (this.#texts.isFull || this.#operations.isFull) this.#forget();
		const facts = new RowFacts(spans, this.#texts, this.#names);
		const promoted = new PromotedColumns(spans, facts, this.#strings);
		const errorTypes = new ErrorTypes(spans, facts);
		const queryBytes = spans.attributes.string.values.bytes;
		this.#queries.open(spans.rows);
		const spanNames = this.#internNames(spans);
		this.#operations.open(spans);
		const type = new Uint8Array(spans.rows);
		const error = new Uint8Array(spans.rows);
		const operation = new Uint32Array(spans.rows);
		for (let row = 0; row < spans.rows; row++) {
			facts.read(row);
			promoted.fill(row);
			qualifyRpcMethod(row, facts, promoted);
			const summary = this.#queries.fill(row, facts, queryBytes);
			if (summary !== 0 && promoted.texts[QUERY_SUMMARY]?.[row] === 0) promoted.replace(QUERY_SUMMARY, row, summary);
			const typeOfRow = spanType(facts);
			type[row] = SPAN_TYPES.indexOf(typeOfRow);
			const name = spanNames[spans.name.ids[row] as number] as number;
			operation[row] = this.#operations.operation(typeOfRow, name, facts, row);
			const isJudged = this.#settings.errorsByCode || spans.statusCode[row] === ERROR;
			error[row] = isJudged && deriveError(row, spans, facts, promoted, errorTypes) ? 1 : 0;
		}
		return {
			...spans,
			attributes: removeOwn(spans.attributes, facts.attributes.slotOfKey, promoted.own),
			type,
			error,
			entry: spanEntries(spans),
			weight: spanWeights(spans.traceState),
			operation: this.#texts.toDictionary(operation),
			query: this.#queries.finish(this.#texts),
			promoted: promoted.finish(),
			promotedOwn: promoted.own,
		};
	}

	/** Rows of the block's names among the texts. */
	#internNames({ name: { dictionary } }: DecodedSpans): Uint32Array {
		return Uint32Array.from(dictionary.ends, (end, row) =>
			this.#texts.table.intern(dictionary.bytes, contentStart(dictionary, row), end),
		);
	}

	#forget(): void {
		this.#texts = new DerivedTexts();
		this.#operations = new OperationNames(this.#texts, this.#paths);
	}
}

/** For a single block. */
export const deriveColumns = (spans: DecodedSpans): SpanBlock => new ColumnDeriver().derive(spans);

/** Older instrumentations send the method alone and its service beside it. */
function qualifyRpcMethod(row: number, facts: RowFacts, promoted: PromotedColumns): void {
	const method = promoted.texts[RPC_METHOD]?.[row] ?? 0;
	if (method === 0) return;
	const service = facts.text(RPC_SERVICE);
	if (service === 0) return;
	const { texts } = facts;
	const text = texts.text(method);
	const qualified = qualifiedRpcMethod(texts.text(service), text);
	if (qualified !== text) promoted.replace(RPC_METHOD, row, texts.ofText(qualified));
}

function deriveError(
	row: number,
	spans: DecodedSpans,
	facts: RowFacts,
	promoted: PromotedColumns,
	errorTypes: ErrorTypes,
): boolean {
	const httpStatus = promoted.httpStatus(row);
	const rpcStatus = promoted.texts[RPC_STATUS]?.[row] ?? 0;
	const rpcText = rpcStatus === 0 ? '' : facts.texts.text(rpcStatus);
	if (!isError(spans.statusCode[row] as number, facts.kind, httpStatus, rpcText)) return false;
	if (promoted.texts[ERROR_TYPE]?.[row] === 0) {
		promoted.replace(ERROR_TYPE, row, errorTypes.derive(row, httpStatus, rpcStatus));
	}
	return true;
}
