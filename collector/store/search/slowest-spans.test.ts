import { expect, test } from 'vitest';
import { randomNumbers } from '../../../test/support/random-spans.ts';
import { isWorthAsking, readSlowest } from './slowest-spans.ts';
import type { Stretches } from './slowest-spans.ts';

const daySeconds = 86_400;
const window = { fromMs: 0, toMs: daySeconds * 1_000 };
const enough = 21;

interface Span {
	start: number;
	nano: bigint;
}

function spansOf(seed: number, count: number, nanos: number): Span[] {
	const random = randomNumbers(seed);
	return Array.from({ length: count }, () => ({
		start: Math.floor(random() * 288) * 300,
		nano: BigInt(Math.floor(random() * nanos)),
	}));
}

const bySlowest = (a: Span, b: Span): number => (a.nano < b.nano ? 1 : a.nano > b.nano ? -1 : 0);

function stretchesOf(spans: readonly Span[]): Stretches {
	const longest = new Map<number, bigint>();
	for (const { start, nano } of spans) {
		if (nano > (longest.get(start) ?? -1n)) longest.set(start, nano);
	}
	const sorted = [...longest].map(([start, nano]) => ({ start, nano })).toSorted(bySlowest);
	return {
		starts: Uint32Array.from(sorted, ({ start }) => start),
		mostNano: BigUint64Array.from(sorted, ({ nano }) => nano),
	};
}

/** What a page is, and how many stretches each of its reads was about; `all` for those of the whole window. */
async function page(spans: readonly Span[], stretches: Stretches, afterNano?: bigint) {
	const reads: (number | 'all')[] = [];
	const after = spans.filter(({ nano }) => afterNano === undefined || nano < afterNano).toSorted(bySlowest);
	const rows = await readSlowest(stretches, { window, afterNano: afterNano?.toString(), enough }, (starts) => {
		reads.push(starts?.length ?? 'all');
		const found = after.filter(({ start }) => starts === undefined || starts.includes(start)).slice(0, enough);
		return Promise.resolve(found.map(({ nano }) => ({ sortKey: String(nano) })));
	});
	expect(rows).toEqual(after.slice(0, enough).map(({ nano }) => ({ sortKey: String(nano) })));
	return { reads, lastNano: BigInt(rows.at(-1)?.sortKey ?? 0) };
}

test('each page is one read, of about as many stretches as rows were shown', async () => {
	const spans = spansOf(1, 20_000, 2 ** 40);
	const stretches = stretchesOf(spans);
	let afterNano: bigint | undefined;
	for (let number = 1; number <= 4; number += 1) {
		const { reads, lastNano } = await page(spans, stretches, afterNano);
		expect(reads).toHaveLength(1);
		expect(reads[0]).toBeLessThanOrEqual(number * (enough + 2));
		afterNano = lastNano;
	}
});

test('a page that needs more than half of the window reads all of it, once', async () => {
	const spans = spansOf(2, 20_000, 2 ** 40);
	const { mostNano } = stretchesOf(spans);
	const { reads } = await page(spans, stretchesOf(spans), mostNano[140]);
	expect(reads).toEqual(['all']);
});

test('of spans that took equally long all stretches are read', async () => {
	const spans = spansOf(3, 2_000, 2 ** 40).map((span, index) => (index < 60 ? { ...span, nano: 2n ** 41n } : span));
	const { reads } = await page(spans, stretchesOf(spans));
	expect(reads).toEqual([new Set(spans.slice(0, 60).map(({ start }) => start)).size]);
});

test('where few stretches have a span that matches, these are read', async () => {
	const spans = spansOf(4, 40, 2 ** 40).map((span) => ({ ...span, start: span.start % 3_000 }));
	const stretches = stretchesOf(spans);
	expect((await page(spans, stretches)).reads).toEqual([stretches.starts.length]);
});

test('where spans went, or are elsewhere than it was said, more is read until the page is certain', async () => {
	const spans = spansOf(5, 20_000, 2 ** 40);
	const stretches = stretchesOf(spans);
	const gone = new Set(stretches.starts.slice(0, 20));
	const { reads } = await page(
		spans.filter(({ start }) => !gone.has(start)),
		stretches,
	);
	expect(reads).toEqual([enough + 2, 4 * (enough + 2)]);
});

test('stretches of which nothing is known are read with each page, and no others where nothing matches elsewhere', async () => {
	const spans = spansOf(6, 20_000, 2 ** 40);
	const { starts, mostNano } = stretchesOf(spans);
	const unknown = [...starts.subarray(30, 40)];
	const keep = [...starts.keys()].filter((index) => index < 30 || index >= 40);
	const known = {
		starts: Uint32Array.from(keep, (index) => starts[index]!),
		mostNano: BigUint64Array.from(keep, (index) => mostNano[index]!),
		unknown,
	};
	expect((await page(spans, known)).reads).toEqual([enough + 2 + 10]);
	const here = spans.filter(({ start }) => unknown.includes(start));
	const nothing = { starts: new Uint32Array(), mostNano: new BigUint64Array(), unknown };
	expect((await page(here, nothing)).reads).toEqual([10]);
});

test('it is not asked where a page needs most of the window, or other columns', () => {
	const scope = { project: 'default', window };
	const query = { where: '1', parameters: {}, isOfServices: true };
	expect(isWorthAsking(scope, query, enough)).toBe(true);
	expect(isWorthAsking(scope, { where: '1', parameters: {} }, enough)).toBe(false);
	expect(isWorthAsking({ ...scope, window: { fromMs: 0, toMs: 45 * 300_000 } }, query, enough)).toBe(false);
});
