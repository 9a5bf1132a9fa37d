import type { BlockResource, BlockScope } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { DecodedSpans } from '../pipeline/decoded-spans.ts';
import { StringColumnBuilder, Uint32List, Uint8List } from '../pipeline/growable-columns.ts';
import { TextTable } from '../pipeline/text-table.ts';
import { cutEnd } from '../pipeline/utf8.ts';
import { RowMarks, TypedAttributes } from './attribute-columns.ts';
import type { DecodeContext } from './decode-limits.ts';
import { EventColumnsBuilder, LinkColumnsBuilder } from './event-columns.ts';
import { saturated } from './saturated.ts';
import type { SpanFields } from './span-fields.ts';
import { SpanTimes } from './span-times.ts';

/** Why a span was not stored although its request was. */
export type Rejection = 'invalid_trace_id' | 'invalid_span_id';

/**
 * The columns of one request while they grow. Both decoders drive it alike: `addSpan`, then the span's attributes,
 * events and links, then `endSpan`.
 */
export class SpanBlockBuilder {
	readonly marks = new RowMarks();
	readonly attributeKeys = new TextTable();
	readonly attributes = new TypedAttributes(this.marks);
	readonly events = new EventColumnsBuilder(this.marks);
	readonly links = new LinkColumnsBuilder(this.marks);
	resources: BlockResource[] = [];
	scopes: BlockScope[] = [];
	rejected: Record<Rejection, number> = { invalid_trace_id: 0, invalid_span_id: 0 };
	/** What the first span looked like that was left out for the reason. May hold secrets. */
	samples: Partial<Record<Rejection, string>> = {};
	/** Attributes without a key or beyond a limit, of spans, events, links, resources and scopes. */
	droppedAttributes = 0;
	#project = '';
	readonly #times = new SpanTimes();
	readonly #names = new TextTable();
	readonly #nameIds = new Uint32List();
	readonly #traceIds = new Uint8List();
	readonly #spanIds = new Uint8List();
	readonly #parentIds = new Uint8List();
	readonly #kinds = new Uint8List();
	readonly #statusCodes = new Uint8List();
	readonly #flags = new Uint32List();
	readonly #markBits = new Uint32List();
	readonly #droppedAttributes = new Uint32List();
	readonly #droppedEvents = new Uint32List();
	readonly #droppedLinks = new Uint32List();
	readonly #traceStates = new StringColumnBuilder();
	readonly #statusMessages = new StringColumnBuilder();
	readonly #resourceRows = new Uint32List();
	readonly #scopeRows = new Uint32List();

	/** Begins a block. The columns of the one before are overwritten. */
	open(context: DecodeContext): void {
		this.#project = context.project;
		this.#times.open(context);
		this.resources = [];
		this.scopes = [];
		this.rejected = { invalid_trace_id: 0, invalid_span_id: 0 };
		this.samples = {};
		this.droppedAttributes = 0;
	}

	/** False when the span's ids are not valid: it is counted and must be left out. */
	accepts(source: Uint8Array, span: SpanFields): boolean {
		if (!isId(source, span.traceIdStart, span.traceIdEnd, 16)) return this.#reject('invalid_trace_id', source, span);
		if (!isId(source, span.spanIdStart, span.spanIdEnd, 8)) return this.#reject('invalid_span_id', source, span);
		return true;
	}

	/** `marks` are those that the span has earned before this. */
	addSpan(source: Uint8Array, span: SpanFields, resource: number, scope: number, marks: number): void {
		this.marks.bits = marks;
		this.#traceIds.pushBytes(source, span.traceIdStart, 16);
		this.#spanIds.pushBytes(source, span.spanIdStart, 8);
		this.#parentIds.pushBytes(source, this.#parentStart(source, span), 8);
		this.#nameIds.push(
			this.#names.intern(source, span.nameStart, this.marks.cut(source, span.nameStart, span.nameEnd)),
		);
		this.#appendText(this.#traceStates, source, span.traceStateStart, span.traceStateEnd);
		this.#appendText(this.#statusMessages, source, span.messageStart, span.messageEnd);
		this.#kinds.push(span.kind > 5 ? 0 : span.kind);
		this.#statusCodes.push(span.statusCode > 2 ? 0 : span.statusCode);
		this.#flags.push(span.flags);
		this.#resourceRows.push(resource);
		this.#scopeRows.push(scope);
		this.#times.push(span, this.marks);
	}

	/** Ends the span with what it lost on its way here and before. */
	endSpan(droppedAttributes: number, droppedEvents: number, droppedLinks: number): void {
		this.attributes.endRow();
		this.events.endRow();
		this.links.endRow();
		this.#droppedAttributes.push(saturated(droppedAttributes));
		this.#droppedEvents.push(saturated(droppedEvents));
		this.#droppedLinks.push(saturated(droppedLinks));
		this.#markBits.push(this.marks.bits);
	}

	/** The block: its columns are the builder's own memory, and are overwritten by the next one. */
	lend(): DecodedSpans {
		return {
			version: 1,
			project: this.#project,
			rows: this.#kinds.length,
			traceId: this.#traceIds.lend(),
			spanId: this.#spanIds.lend(),
			parentSpanId: this.#parentIds.lend(),
			startUnixNano: this.#times.start.lendUnsigned(),
			endUnixNano: this.#times.end.lendUnsigned(),
			durationNano: this.#times.duration.lendUnsigned(),
			timeUnixMs: this.#times.timeMs.lendSigned(),
			kind: this.#kinds.lend(),
			statusCode: this.#statusCodes.lend(),
			flags: this.#flags.lend(),
			marks: this.#markBits.lend(),
			droppedAttributes: this.#droppedAttributes.lend(),
			droppedEvents: this.#droppedEvents.lend(),
			droppedLinks: this.#droppedLinks.lend(),
			name: { ids: this.#nameIds.lend(), dictionary: this.#names.finish() },
			traceState: this.#traceStates.lend(),
			statusMessage: this.#statusMessages.lend(),
			resource: this.#resourceRows.lend(),
			scope: this.#scopeRows.lend(),
			resources: this.resources,
			scopes: this.scopes,
			attributeKeys: this.attributeKeys.finish(),
			attributes: this.attributes.lend(),
			events: this.events.lend(),
			links: this.links.lend(),
		};
	}

	#reject(reason: Rejection, source: Uint8Array, span: SpanFields): false {
		this.rejected[reason]++;
		this.samples[reason] ??= sampleOf(source, span);
		return false;
	}

	/** Where the parent id lies, or -1 for a root. A span that names itself as its parent would send tree builders in circles. */
	#parentStart(source: Uint8Array, span: SpanFields): number {
		if (span.parentEnd === span.parentStart) return -1;
		const isItself =
			span.parentEnd - span.parentStart === 8 && sameBytes(source, span.parentStart, span.spanIdStart, 8);
		if (span.parentEnd - span.parentStart !== 8 || isItself) {
			this.marks.set(SPAN_MARKS.parentDropped);
			return -1;
		}
		return span.parentStart;
	}

	#appendText(column: StringColumnBuilder, source: Uint8Array, start: number, end: number): void {
		if (start === end) column.appendEmpty();
		else column.append(source, start, this.marks.cut(source, start, end));
	}
}

const SAMPLE_BYTES = 128;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Enough of a span that is left out for its sender to find it. */
function sampleOf(source: Uint8Array, span: SpanFields): string {
	const name = source.subarray(span.nameStart, cutEnd(source, span.nameStart, span.nameEnd, SAMPLE_BYTES));
	const { traceIdStart, traceIdEnd } = span;
	const trace = isId(source, traceIdStart, traceIdEnd, 16)
		? ` of trace ${Buffer.from(source.subarray(traceIdStart, traceIdEnd)).toString('hex')}`
		: '';
	return `${JSON.stringify(decoder.decode(name))}${trace}`;
}

/** The right length, and not all zeros. */
function isId(source: Uint8Array, start: number, end: number, length: number): boolean {
	if (end - start !== length) return false;
	for (let i = start; i < end; i++) {
		if (source[i] !== 0) return true;
	}
	return false;
}

function sameBytes(source: Uint8Array, a: number, b: number, length: number): boolean {
	for (let i = 0; i < length; i++) {
		if (source[a + i] !== source[b + i]) return false;
	}
	return true;
}
