import { recordHeadBytes } from './segment-format.ts';
import type { SpoolFile } from './disk.ts';
import { recordEnd, scanRecords } from './segment-scan.ts';
import type { FoundDamage, FoundRecord } from './segment-scan.ts';
import type { Segment } from './segments.ts';

export interface BatchLimits {
	maxSpans: number;
	/** Of blocks, unpacked. */
	maxBytes: number;
}

/** What the drain does next: records of one segment that go together. */
export interface CollectedBatch {
	first: number;
	last: number;
	records: FoundRecord[];
	damages: FoundDamage[];
	/** Where the segment was read from. */
	from: number;
	/** Where the segment is read on afterwards. */
	position: number;
	/** It was begun before a restart. */
	isRepeated: boolean;
}

/**
 * The next records from the segment's position: those of a batch that was begun before, else as many as fit, at least one.
 * Undefined when nothing is left up to the segment's end.
 */
export async function collectBatch(
	file: SpoolFile,
	segment: Segment,
	seed: number,
	limits: BatchLimits,
): Promise<CollectedBatch | undefined> {
	const gathering = new Gathering(segment, limits);
	const scan = scanRecords({ file, seed, from: segment.position, end: segment.end, checkPayloads: false });
	for await (const found of scan) if (!gathering.take(found)) break;
	return gathering.finish();
}

class Gathering {
	readonly #segment: Segment;
	readonly #limits: BatchLimits;
	readonly #records: FoundRecord[] = [];
	readonly #damages: FoundDamage[] = [];
	#intent: { first: number; last: number } | undefined;
	#position: number;
	#spans = 0;
	#bytes = 0;

	constructor(segment: Segment, limits: BatchLimits) {
		this.#segment = segment;
		this.#limits = limits;
		this.#position = segment.position;
	}

	/** False when it belongs to a later batch. */
	take(found: FoundRecord | FoundDamage): boolean {
		if (found.kind === 'damage') {
			this.#damages.push(found);
			this.#position = found.end;
			return true;
		}
		const { head } = found;
		const isNothing = head.kind === 'footer' || this.#segment.settled.has(head.id);
		if (!isNothing && !this.#takeRecord(found)) return false;
		this.#position = recordEnd(found);
		return true;
	}

	#takeRecord(found: FoundRecord): boolean {
		const { id, spans, rawBytes } = found.head;
		const intent = this.#segment.intents.find(({ first, last }) => first <= id && id <= last);
		if (this.#records.length === 0) this.#intent = intent;
		else if (this.#intent !== intent || (intent === undefined && !this.#hasRoom(spans, rawBytes))) return false;
		this.#records.push(found);
		this.#spans += spans;
		this.#bytes += rawBytes + recordHeadBytes;
		return true;
	}

	#hasRoom(spans: number, bytes: number): boolean {
		return this.#spans + spans <= this.#limits.maxSpans && this.#bytes + bytes <= this.#limits.maxBytes;
	}

	finish(): CollectedBatch | undefined {
		if (this.#position === this.#segment.position) return undefined;
		const ids = this.#records.map(({ head }) => head.id);
		return {
			first: this.#intent?.first ?? ids[0] ?? 0,
			last: this.#intent?.last ?? ids.at(-1) ?? 0,
			records: this.#records,
			damages: this.#damages,
			from: this.#segment.position,
			position: this.#position,
			isRepeated: this.#intent !== undefined,
		};
	}
}
