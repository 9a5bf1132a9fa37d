import type { EventColumns, LinkColumns } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import { StringColumnBuilder, Uint32List, Uint8List, Words64List } from '../pipeline/growable-columns.ts';
import { TextTable } from '../pipeline/text-table.ts';
import type { RowMarks } from './attribute-columns.ts';
import { TaggedAttributes } from './attribute-columns.ts';
import { saturated } from './saturated.ts';

/** Events of all spans. Add one, give its attributes to `attributes`, then end it. */
export class EventColumnsBuilder {
	readonly attributes: TaggedAttributes;
	readonly #marks: RowMarks;
	readonly #ends = new Uint32List();
	readonly #times = new Words64List();
	readonly #names = new TextTable();
	readonly #nameIds = new Uint32List();
	readonly #dropped = new Uint32List();

	constructor(marks: RowMarks) {
		this.#marks = marks;
		this.attributes = new TaggedAttributes(marks);
	}

	add(low: number, high: number, source: Uint8Array, nameStart: number, nameEnd: number): void {
		this.#times.push(low, high);
		this.#nameIds.push(this.#names.intern(source, nameStart, this.#marks.cut(source, nameStart, nameEnd)));
	}

	end(droppedAttributes: number): void {
		this.#dropped.push(saturated(droppedAttributes));
		this.attributes.endRow();
	}

	endRow(): void {
		this.#ends.push(this.#times.length);
	}

	lend(): EventColumns {
		return {
			ends: this.#ends.lend(),
			timeUnixNano: this.#times.lendUnsigned(),
			name: { ids: this.#nameIds.lend(), dictionary: this.#names.finish() },
			droppedAttributes: this.#dropped.lend(),
			attributes: this.attributes.lend(),
		};
	}
}

/** Where the fields of one link lie in the source bytes. */
export interface LinkFields {
	traceIdStart: number;
	traceIdEnd: number;
	spanIdStart: number;
	spanIdEnd: number;
	traceStateStart: number;
	traceStateEnd: number;
	flags: number;
}

/** Links of all spans. Add one, give its attributes to `attributes`, then end it. */
export class LinkColumnsBuilder {
	readonly attributes: TaggedAttributes;
	readonly #marks: RowMarks;
	readonly #ends = new Uint32List();
	readonly #traceIds = new Uint8List();
	readonly #spanIds = new Uint8List();
	readonly #traceStates = new StringColumnBuilder();
	readonly #flags = new Uint32List();
	readonly #dropped = new Uint32List();

	constructor(marks: RowMarks) {
		this.#marks = marks;
		this.attributes = new TaggedAttributes(marks);
	}

	/** False when the ids have the wrong length: such a link leads nowhere and is dropped. */
	add(source: Uint8Array, link: LinkFields): boolean {
		if (link.traceIdEnd - link.traceIdStart !== 16 || link.spanIdEnd - link.spanIdStart !== 8) {
			this.#marks.set(SPAN_MARKS.cut);
			return false;
		}
		this.#traceIds.pushBytes(source, link.traceIdStart, 16);
		this.#spanIds.pushBytes(source, link.spanIdStart, 8);
		const { traceStateStart, traceStateEnd } = link;
		this.#traceStates.append(source, traceStateStart, this.#marks.cut(source, traceStateStart, traceStateEnd));
		this.#flags.push(link.flags);
		return true;
	}

	end(droppedAttributes: number): void {
		this.#dropped.push(saturated(droppedAttributes));
		this.attributes.endRow();
	}

	endRow(): void {
		this.#ends.push(this.#flags.length);
	}

	lend(): LinkColumns {
		return {
			ends: this.#ends.lend(),
			traceId: this.#traceIds.lend(),
			spanId: this.#spanIds.lend(),
			traceState: this.#traceStates.lend(),
			flags: this.#flags.lend(),
			droppedAttributes: this.#dropped.lend(),
			attributes: this.attributes.lend(),
		};
	}
}
