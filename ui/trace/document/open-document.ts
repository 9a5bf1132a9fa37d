import { attributeColumn, attributeKeys } from '../../../collector/analysis/trace-file/attribute-column.ts';
import type { AttributeColumn, ColumnKey } from '../../../collector/analysis/trace-file/attribute-column.ts';
import { documentEvents } from '../../../collector/analysis/trace-file/document-events.ts';
import type { TraceEvent } from '../../../collector/analysis/trace-file/document-events.ts';
import {
	documentColumns,
	documentDetail,
	documentSpans,
} from '../../../collector/analysis/trace-file/document-spans.ts';
import type { DocumentSpan } from '../../../collector/analysis/trace-file/document-spans.ts';
import { readTraceFile } from '../../../collector/analysis/trace-file/read-trace-file.ts';
import type { TraceFile } from '../../../collector/analysis/trace-file/read-trace-file.ts';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import type { SpanDetail } from '../../../schema/api.ts';
import { encodeTrace } from '../../../schema/trace-columns.ts';

/** As many spans as the server answers with. */
const MAX_SPANS = 250_000;
const LINES_A_TIME = 4000;

export interface AttributeKey {
	key: string;
	scope: 'span' | 'resource';
	spans: number;
}

/** What can be asked of a document: each is answered away from the page. */
export interface DocumentApi {
	/** Reads bytes of a file or of an answer. Throws what a reader can understand. */
	open(bytes: ArrayBuffer): Pick<TraceFile, 'format' | 'traces'>;
	/** The spans of one trace as columns in the binary form. */
	arrange(traceId: string): ArrayBuffer;
	/** Tells which rows the page shows, by id and kind, when it got them elsewhere. */
	rows(traceId: string, ids: BigUint64Array, kinds: Uint8Array): void;
	detail(spanId: string): SpanDetail | undefined;
	column(wanted: ColumnKey): AttributeColumn;
	keys(): AttributeKey[];
	events(): { events: TraceEvent[]; total: number };
	/** Lines of the document as indented JSON, from one on. */
	lines(from: number): { text: string; until: number; total: number };
	/** The whole of it. */
	text(): string;
}

/** Holds a document and answers questions about one trace of it. */
export class OpenDocument implements DocumentApi {
	#file: TraceFile | undefined;
	#spans: DocumentSpan[] = [];
	/** For each row the span of the document, -1 for none. */
	#rows: Int32Array = new Int32Array(0);
	#lines: string[] | undefined;

	open(bytes: ArrayBuffer): Pick<TraceFile, 'format' | 'traces'> {
		this.#file = readTraceFile(new TextDecoder().decode(bytes));
		return { format: this.#file.format, traces: this.#file.traces };
	}

	arrange(traceId: string): ArrayBuffer {
		this.#select(traceId);
		const shown = this.#spans.slice(0, MAX_SPANS);
		const trace = arrangeTrace(documentColumns(shown));
		this.rows(traceId, trace.id, trace.kind);
		return encodeTrace(trace, { total: this.#spans.length, truncated: shown.length < this.#spans.length });
	}

	rows(traceId: string, ids: BigUint64Array, kinds: Uint8Array): void {
		this.#select(traceId);
		const places = new Map<string, number>();
		this.#spans.forEach(({ span }, index) => {
			const id = BigInt(`0x${span.spanId}`);
			// The two ends of a call may share an id.
			places.set(`${id} ${span.kind}`, index);
		});
		this.#rows = Int32Array.from(ids, (id, row) => places.get(`${id} ${kinds[row]}`) ?? -1);
	}

	detail(spanId: string): SpanDetail | undefined {
		const span = this.#spans.find((one) => one.span.spanId === spanId);
		return span && documentDetail(span, this.#spans);
	}

	column(wanted: ColumnKey): AttributeColumn {
		return attributeColumn(this.#spans, this.#rows, wanted);
	}

	keys(): AttributeKey[] {
		return attributeKeys(this.#spans);
	}

	events(): { events: TraceEvent[]; total: number } {
		return documentEvents(this.#spans, this.#rows);
	}

	lines(from: number): { text: string; until: number; total: number } {
		this.#lines ??= JSON.stringify(this.#file?.data, null, 2).split('\n');
		const until = Math.min(this.#lines.length, from + LINES_A_TIME);
		return { text: this.#lines.slice(from, until).join('\n'), until, total: this.#lines.length };
	}

	text(): string {
		return JSON.stringify(this.#file?.data);
	}

	#select(traceId: string): void {
		if (this.#file !== undefined) this.#spans = documentSpans(this.#file.data, traceId);
	}
}
