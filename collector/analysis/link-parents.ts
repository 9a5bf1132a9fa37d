import { SPAN_KINDS } from '../../schema/span.ts';

export interface SpansToLink {
	count: number;
	spanId: BigUint64Array;
	/** 0 for a root. */
	parentSpanId: BigUint64Array;
	start: Float64Array;
	kind: Uint8Array;
	service: Uint32Array;
}

export interface LinkedSpans {
	/** The spans that stay: each once, in any order. */
	kept: Uint32Array;
	/** Index of the parent, -1 for roots. Free of cycles. */
	parent: Int32Array;
	/** Bits of LINK_NOTES. */
	notes: Uint8Array;
	duplicates: number;
}

export const LINK_NOTES = { missingParent: 1, cutLoop: 2, sharedId: 4 } as const;

const CLIENT = SPAN_KINDS.indexOf('client');
const SERVER = SPAN_KINDS.indexOf('server');

/**
 * Finds every span's parent. What producers get wrong is noted, never fatal: a parent that isn't there makes a root,
 * a loop is cut at its earliest span, and a span that came twice is kept once.
 */
export function linkParents(spans: SpansToLink): LinkedSpans {
	const groups = groupById(spans);
	const parent = new Int32Array(spans.count).fill(-1);
	const notes = new Uint8Array(spans.count);
	for (const span of groups.kept) {
		const wanted = spans.parentSpanId[span] ?? 0n;
		if (wanted === 0n) continue;
		const found = groups.find(span);
		if (found < 0) mark(notes, span, LINK_NOTES.missingParent);
		else parent[span] = found;
	}
	joinSharedIds(spans, groups, parent, notes);
	cutLoops(spans, groups.kept, parent, notes);
	return { kept: groups.kept, parent, notes, duplicates: spans.count - groups.kept.length };
}

interface IdGroups {
	/** Sorted by id, then start; without duplicates. */
	kept: Uint32Array;
	/** The span that children of this one's parent id belong to, or -1. */
	find(span: number): number;
	/** Is this position the first of its id? */
	startsGroup(position: number): boolean;
}

// Ids are compared as two halves: reading a BigUint64Array makes a BigInt each time, which a sort would do millions of
// times.
function groupById(spans: SpansToLink): IdGroups {
	const own = halves(spans.spanId);
	const wanted = halves(spans.parentSpanId);
	const order = Uint32Array.from({ length: spans.count }, (_, index) => index);
	const byId = (a: number, b: number): number =>
		at(own, 2 * a + 1) - at(own, 2 * b + 1) || at(own, 2 * a) - at(own, 2 * b);
	order.sort((a, b) => byId(a, b) || byFacts(spans, a, b) || a - b);
	const kept = order.filter((span, position) => {
		const before = order[position - 1];
		return before === undefined || byId(before, span) !== 0 || byFacts(spans, before, span) !== 0;
	});
	const startsGroup = (position: number): boolean =>
		position === 0 || byId(at(kept, position - 1), at(kept, position)) !== 0;

	const positions = hashPositions(kept, own, startsGroup);
	const find = (span: number): number => {
		const position = positions(at(wanted, 2 * span), at(wanted, 2 * span + 1));
		return position < 0 ? -1 : representative(spans, kept, position, startsGroup);
	};
	return { kept, find, startsGroup };
}

/** Zipkin gives the two ends of a call one id; what happens below belongs to the server's end. */
function representative(
	spans: SpansToLink,
	kept: Uint32Array,
	from: number,
	startsGroup: (position: number) => boolean,
): number {
	for (let position = from; position < kept.length && (position === from || !startsGroup(position)); position++) {
		// Bounded, so that a million spans of one id don't cost a million steps for each child.
		if (position - from >= LARGEST_SHARED_ID) break;
		if (spans.kind[at(kept, position)] === SERVER) return at(kept, position);
	}
	return at(kept, from);
}

const LARGEST_SHARED_ID = 16;

function joinSharedIds(spans: SpansToLink, groups: IdGroups, parent: Int32Array, notes: Uint8Array): void {
	let client = -1;
	let from = 0;
	for (let position = 0; position < groups.kept.length; position++) {
		if (groups.startsGroup(position)) {
			from = position;
			client = firstClient(spans, groups, position);
		}
		const span = at(groups.kept, position);
		if (client < 0 || spans.kind[span] !== SERVER || position - from >= LARGEST_SHARED_ID) continue;
		parent[span] = client;
		notes[span] = LINK_NOTES.sharedId;
		mark(notes, client, LINK_NOTES.sharedId);
	}
}

function firstClient(spans: SpansToLink, groups: IdGroups, from: number): number {
	for (
		let position = from;
		position < groups.kept.length && (position === from || !groups.startsGroup(position));
		position++
	) {
		if (spans.kind[at(groups.kept, position)] === CLIENT) return at(groups.kept, position);
	}
	return -1;
}

function cutLoops(spans: SpansToLink, kept: Uint32Array, parent: Int32Array, notes: Uint8Array): void {
	const walkOf = new Uint32Array(spans.count);
	let walk = 0;
	for (const from of kept) {
		walk++;
		let span = from;
		while (span >= 0 && walkOf[span] === 0) {
			walkOf[span] = walk;
			span = parent[span] ?? -1;
		}
		if (span < 0 || walkOf[span] !== walk) continue;
		const cut = earliestOfLoop(spans, parent, span);
		parent[cut] = -1;
		mark(notes, cut, LINK_NOTES.cutLoop);
	}
}

function earliestOfLoop(spans: SpansToLink, parent: Int32Array, from: number): number {
	let earliest = from;
	for (let span = parent[from] ?? from; span !== from; span = parent[span] ?? from) {
		if (byFacts(spans, span, earliest) < 0) earliest = span;
	}
	return earliest;
}

const byFacts = (spans: SpansToLink, a: number, b: number): number =>
	at(spans.start, a) - at(spans.start, b) ||
	at(spans.kind, a) - at(spans.kind, b) ||
	at(spans.service, a) - at(spans.service, b);

/**
 * First position of an id, -1 where there is none, by open addressing. The hash is seeded anew each time: whoever
 * chooses the ids can't aim at one bucket.
 */
function hashPositions(
	kept: Uint32Array,
	own: Uint32Array,
	startsGroup: (position: number) => boolean,
): (low: number, high: number) => number {
	let size = 8;
	while (size < kept.length * 2) size *= 2;
	const table = new Int32Array(size).fill(-1);
	const seed = Math.floor(Math.random() * 2 ** 32);
	const slotOf = (low: number, high: number): number => {
		const mixed = Math.imul(low ^ seed ^ (low >>> 15), 0x85ebca6b) ^ Math.imul(high ^ (seed >>> 7), 0xc2b2ae35);
		return Math.imul(mixed ^ (mixed >>> 13), 0x9e3779b1) >>> 0;
	};
	const find = (low: number, high: number): number => {
		let slot = slotOf(low, high) & (size - 1);
		for (let position = table[slot] ?? -1; position >= 0; position = table[slot] ?? -1) {
			const span = at(kept, position);
			if (at(own, 2 * span) === low && at(own, 2 * span + 1) === high) return slot;
			slot = (slot + 1) & (size - 1);
		}
		return slot;
	};
	for (let position = 0; position < kept.length; position++) {
		if (!startsGroup(position)) continue;
		const span = at(kept, position);
		table[find(at(own, 2 * span), at(own, 2 * span + 1))] = position;
	}
	return (low, high) => table[find(low, high)] ?? -1;
}

const halves = (ids: BigUint64Array): Uint32Array => new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);

const at = (array: Uint32Array | Float64Array | Uint8Array, index: number): number => array[index] ?? 0;

function mark(notes: Uint8Array, span: number, note: number): void {
	notes[span] = (notes[span] ?? 0) | note;
}
