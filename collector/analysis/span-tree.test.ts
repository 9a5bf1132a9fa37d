import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPAN_KINDS } from '../../schema/span.ts';
import { SPAN_FLAGS } from '../../schema/trace-columns.ts';
import type { TraceColumns } from '../../schema/trace-columns.ts';
import { BASE_UNIX_NANO, traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { arrangeTrace } from './span-tree.ts';

const arrange = (drawn: DrawnSpan[]): TraceColumns => arrangeTrace(traceSpans(drawn));
const has = (trace: TraceColumns, row: number, flag: keyof typeof SPAN_FLAGS): boolean =>
	(trace.flags[row]! & SPAN_FLAGS[flag]) !== 0;
/** `>id` for each row, with as many `>` as it is deep. */
const outline = (trace: TraceColumns): string[] =>
	Array.from(trace.id, (id, row) => '>'.repeat(trace.depth[row]!) + id);

// 1  |--------------------|
// 3      |-----|
// 4       |--|
// 2            |---|
test('rows are a walk through the tree, children by start', () => {
	const trace = arrange([
		{ id: 4n, parent: 3n, start: 35, end: 50 },
		{ id: 2n, parent: 1n, start: 60, end: 80 },
		{ id: 1n, start: 0, end: 100 },
		{ id: 3n, parent: 1n, start: 30, end: 60 },
	]);
	expect(outline(trace)).toEqual(['1', '>3', '>>4', '>2']);
	expect([...trace.parent]).toEqual([-1, 0, 1, 0]);
	expect([...trace.end]).toEqual([4, 3, 3, 4]);
	expect([...trace.start]).toEqual([0, 30, 35, 60]);
	expect(trace.baseUnixNano).toBe(BASE_UNIX_NANO);
});

test('a span whose parent never came is a root and says so', () => {
	const trace = arrange([
		{ id: 2n, parent: 99n, start: 10, end: 20 },
		{ id: 1n, start: 0, end: 100 },
	]);
	expect(outline(trace)).toEqual(['1', '2']);
	expect(has(trace, 1, 'orphan')).toBe(true);
	expect(trace.warnings.missingParents).toBe(1);
});

test('a span that is its own parent is a root', () => {
	const trace = arrange([{ id: 1n, parent: 1n, start: 0, end: 10 }]);
	expect(outline(trace)).toEqual(['1']);
	expect(has(trace, 0, 'loopCut')).toBe(true);
});

// 5 → 7 → 6 → 5, and 8 hangs below 6
test('a loop is cut at its earliest span and what hangs below stays there', () => {
	const trace = arrange([
		{ id: 6n, parent: 7n, start: 20, end: 30 },
		{ id: 5n, parent: 6n, start: 0, end: 100 },
		{ id: 7n, parent: 5n, start: 10, end: 50 },
		{ id: 8n, parent: 6n, start: 22, end: 25 },
	]);
	expect(outline(trace)).toEqual(['5', '>7', '>>6', '>>>8']);
	expect(trace.warnings.loopsCut).toBe(1);
});

test('a span that was stored twice is shown once, one that merely shares the id is shown too', () => {
	const trace = arrange([
		{ id: 1n, start: 0, end: 100 },
		{ id: 1n, start: 0, end: 100 },
		{ id: 1n, start: 5, end: 9 },
	]);
	expect(trace.count).toBe(2);
	expect(trace.warnings.duplicatesRemoved).toBe(1);
});

// Zipkin: client and server of one call share their id
test("the server's end of a shared id hangs below the client's and takes its children", () => {
	const trace = arrange([
		{ id: 1n, start: 0, end: 100, service: 'web', kind: 'server' },
		{ id: 2n, parent: 1n, start: 12, end: 58, service: 'cart', kind: 'server' },
		{ id: 2n, parent: 1n, start: 10, end: 60, service: 'web', kind: 'client' },
		{ id: 3n, parent: 2n, start: 20, end: 40, service: 'cart' },
	]);
	expect(outline(trace)).toEqual(['1', '>2', '>>2', '>>>3']);
	expect(trace.services[trace.service[2]!]).toBe('cart');
	expect(has(trace, 1, 'sharedId') && has(trace, 2, 'sharedId')).toBe(true);
});

test('services on one host are never moved against each other', () => {
	const trace = arrange([
		{ id: 1n, start: 1000, end: 1100, service: 'web', host: 7, kind: 'client' },
		{ id: 2n, parent: 1n, start: 995, end: 1050, service: 'cart', host: 7, kind: 'server' },
	]);
	expect(trace.warnings.skewAdjusted).toBe(0);
	expect([...trace.start]).toEqual([5, 0]);
});

test('a call that seems to begin before its caller is moved into it, and only marked', () => {
	const trace = arrange([
		{ id: 1n, start: 1000, end: 1100, service: 'web', kind: 'client' },
		{ id: 2n, parent: 1n, start: 500, end: 560, service: 'cart', kind: 'server' },
		{ id: 3n, parent: 2n, start: 510, end: 520, service: 'cart' },
	]);
	expect(trace.baseUnixNano).toBe(BASE_UNIX_NANO + 1000n);
	expect([...trace.start]).toEqual([0, 20, 30]);
	expect(Array.from(trace.flags, (_, row) => has(trace, row, 'skewAdjusted'))).toEqual([false, true, true]);
	expect(trace.warnings.skewAdjusted).toBe(2);
});

test('errors, statuses and marks become flags', () => {
	const trace = arrange([
		{ id: 1n, start: 0, end: 1, error: true, statusCode: 2, marks: 8, httpStatus: 503, events: 2, links: 1 },
	]);
	const { error, statusError, marked } = SPAN_FLAGS;
	expect(trace.flags[0]! & (error | statusError | marked)).toBe(error | statusError | marked);
	expect([trace.httpStatus[0], trace.events[0], trace.links[0]]).toEqual([503, 2, 1]);
});

test('an empty trace has no rows', () => {
	expect(arrange([])).toMatchObject({ count: 0, baseUnixNano: 0n });
});

test('a chain of 250,000 spans is arranged without recursion', () => {
	const count = 250_000;
	const deep = Array.from({ length: count }, (_, index) => ({
		id: BigInt(index + 1),
		parent: BigInt(index),
		start: index,
		end: count * 2 - index,
		name: 'step',
	}));
	const trace = arrange(deep.reverse());
	expect(trace.depth[count - 1]).toBe(count - 1);
	expect(trace.pathRow).toHaveLength(count * 2 - 1);
});

test('a quarter of a million spans with one id do not make it quadratic', () => {
	const same = Array.from({ length: 250_000 }, (_, index) => ({
		id: 7n,
		parent: 7n,
		start: index,
		end: index + 1,
		name: 'step',
	}));
	expect(arrange(same).count).toBe(250_000);
});

const drawnSpans = fc.array(
	fc.record({
		id: fc.bigInt({ min: 1n, max: 12n }),
		parent: fc.bigInt({ min: 0n, max: 14n }),
		start: fc.nat(50),
		length: fc.nat(50),
		kind: fc.constantFrom(...SPAN_KINDS),
		service: fc.constantFrom('a', 'b', 'c'),
	}),
	{ maxLength: 25 },
);

test('whatever comes in, every distinct span is one row of a proper tree', () => {
	fc.assert(
		fc.property(drawnSpans, (records) => {
			const drawn = records.map(({ length, ...span }) => ({ ...span, end: span.start + length }));
			const trace = arrange(drawn);
			const facts = (span: DrawnSpan): string => [span.id, span.kind, span.service, span.start].join();
			expect(trace.count).toBe(new Set(drawn.map(facts)).size);
			expect(trace.warnings.duplicatesRemoved).toBe(drawn.length - trace.count);
			for (let row = 0; row < trace.count; row++) {
				const parent = trace.parent[row]!;
				expect(parent).toBeLessThan(row);
				expect(trace.depth[row]).toBe(parent < 0 ? 0 : trace.depth[parent]! + 1);
				expect(trace.end[row]).toBe(lastDescendant(trace, row) + 1);
				expect(trace.start[row]).toBeGreaterThanOrEqual(0);
			}
			expect(siblingsAreByStart(trace)).toBe(true);
		}),
	);
});

test('without loops and shared ids every span hangs where its parent id says', () => {
	const tidy = fc.uniqueArray(
		fc.record({ id: fc.bigInt({ min: 1n, max: 40n }), up: fc.nat(50), start: fc.nat(50), length: fc.nat(50) }),
		{
			selector: (span) => span.id,
			maxLength: 25,
		},
	);
	fc.assert(
		fc.property(tidy, (records) => {
			// A parent id below one's own cannot make a loop.
			const drawn = records.map((span) => ({
				id: span.id,
				parent: BigInt(span.up) % span.id,
				start: span.start,
				end: span.start + span.length,
			}));
			const trace = arrange(drawn);
			for (const span of drawn) {
				const row = trace.id.indexOf(span.id);
				const parentRow = trace.parent[row]!;
				const isThere = drawn.some((other) => other.id === span.parent);
				expect(parentRow < 0 ? undefined : trace.id[parentRow]).toBe(isThere ? span.parent : undefined);
				expect(has(trace, row, 'orphan')).toBe(span.parent !== 0n && !isThere);
			}
		}),
	);
});

function lastDescendant(trace: TraceColumns, row: number): number {
	let last = row;
	for (let other = row + 1; other < trace.count; other++) {
		for (let above = other; above >= 0; above = trace.parent[above]!) if (above === row) last = other;
	}
	return last;
}

function siblingsAreByStart(trace: TraceColumns): boolean {
	const lastStart = new Map<number, number>();
	return Array.from(trace.parent).every((parent, row) => {
		const before = lastStart.get(parent) ?? -Infinity;
		lastStart.set(parent, trace.start[row]!);
		return trace.start[row]! >= before;
	});
}
