/** A collector whose derived tables are made when they are told to, and what its readers should answer. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Service, TimeWindow } from '../../../schema/api.ts';
import { silentLog } from '../../../collector/log.ts';
import type { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { Deriver } from '../../../collector/store/derived/deriver.ts';
import { DERIVED_TABLES } from '../../../collector/store/derived/derived-tables.ts';
import { InsertCounts } from '../../../collector/store/derived/insert-counts.ts';
import { SERVICE_MINUTES } from '../../../collector/store/derived/service-minutes.ts';
import { redMarksOf } from '../../../collector/store/people-readers.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { createRedReader } from '../../../collector/store/counts/red-reader.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { entrySpans, isQuantile, timeMs, weightOf, within } from '../store/oracle.ts';

const minuteMs = 60_000;

/** Its clock stands. */
export async function openCollector(
	clickhouse: ClickHouse,
	{ nowMs, writer = randomUUID(), isAlone = false }: { nowMs: number; writer?: string; isAlone?: boolean },
) {
	const of = DERIVED_TABLES.filter(({ name }) => /^(red|service)_/.test(name));
	const tables = of.map((table) => ({ ...table, maxSpans: 0 }));
	const clock = () => nowMs;
	const deriver = await Deriver.open({
		clickhouse,
		writer,
		tables,
		log: silentLog,
		intervalMs: 1e9,
		maxSpans: 150,
		isAlone,
		clock,
	});
	const counts = new InsertCounts({ commits: deriver.commits, isAlone: true, clock });
	const spans = new SpanWriter({ clickhouse, untilReady: () => Promise.resolve(), commits: deriver.commits, counts });
	return {
		writer,
		deriver,
		counts,
		/** One insert. */
		append: (some: readonly PlainSpan[], project: string) => spans.append(spanBlock(some, project)),
		red: createRedReader(clickhouse, () => redMarksOf(deriver, counts)),
		redOfSpans: createRedReader(clickhouse, () => redMarksOf(deriver)),
		waiting: (project: string) => counts.waiting(project, deriver.mark(SERVICE_MINUTES.name)),
	};
}

type CountingCollector = Awaited<ReturnType<typeof openCollector>>;

const keyOf = (...names: (string | undefined)[]) => names.map((name) => name ?? '').join('|');
const keyOfSpan = ({ resource }: PlainSpan) => keyOf(resource?.namespace, resource?.service, resource?.environment);
const before = ({ fromMs, toMs }: TimeWindow): TimeWindow => ({ fromMs: 2 * fromMs - toMs, toMs: fromMs });

/** What is exact in a service's row. */
const countsOf = (spans: readonly PlainSpan[], window: TimeWindow, stepMs: number) => {
	const found = spans.filter((span) => within(window, span));
	const steps = Map.groupBy(found, (span) => Math.floor(timeMs(span) / stepMs) * stepMs);
	const earlier = spans.filter((span) => within(before(window), span));
	return {
		spans: found.length,
		requests: weightOf(found),
		errors: weightOf(found.filter(({ error }) => error)),
		before: [weightOf(earlier), weightOf(earlier.filter(({ error }) => error))],
		points: [...steps].map(([tMs, of]) => [tMs, weightOf(of)]).sort((a, b) => a[0]! - b[0]!),
		versions: [...new Set(found.map(({ resource }) => resource?.version ?? ''))].filter((name) => name !== '').sort(),
	};
};

const shown = (row: Service) => ({
	spans: row.spans,
	requests: row.requests,
	errors: row.errors,
	before: [row.before.requests, row.before.errors],
	points: row.points.filter(({ requests }) => requests > 0).map(({ tMs, requests }) => [tMs, requests]),
	versions: row.versions.map(({ version }) => version).sort(),
});

/** Every figure of services and of one of them is that of the spans, with and without what is in memory. */
export async function check(
	{ red, redOfSpans }: CountingCollector,
	scope: WindowScope,
	sent: readonly PlainSpan[],
): Promise<void> {
	const stepMs = minuteMs;
	const mine =
		scope.environment === undefined ? sent : sent.filter(({ resource }) => resource?.environment === scope.environment);
	const sights = Map.groupBy(mine, keyOfSpan);
	for (const kind of ['entry', 'all'] as const) {
		const of = kind === 'entry' ? entrySpans(mine) : mine;
		const groups = Map.groupBy(of, keyOfSpan);
		const expected = [...groups].filter(([, spans]) => spans.some((span) => within(scope.window, span)));
		const services = await red.services(scope, { stepMs, spans: kind });
		expect(
			Object.fromEntries(services.map((row) => [keyOf(row.namespace, row.service, row.environment), shown(row)])),
		).toEqual(Object.fromEntries(expected.map(([key, spans]) => [key, countsOf(spans, scope.window, stepMs)])));
		for (const row of services) {
			const key = keyOf(row.namespace, row.service, row.environment);
			const spans = groups.get(key)!.filter((span) => within(scope.window, span));
			expect(isQuantile(row.p95Nano, spans, 0.95)).toBe(true);
			// A version is seen by spans that are no entries, too.
			expect(row.firstSeenMs).toBeGreaterThanOrEqual(Math.min(...sights.get(key)!.map(timeMs)));
			expect(row.lastSeenMs).toBeGreaterThanOrEqual(Math.max(...spans.map(timeMs)));
		}
		expect(rounded(services)).toEqual(rounded(await redOfSpans.services(scope, { stepMs, spans: kind })));
	}
	const service = { service: 'cart', namespace: 'shop' };
	const series = await red.red(scope, service, { stepMs });
	const ofCart = entrySpans(mine).filter(
		({ resource }) => resource?.service === 'cart' && resource.namespace === 'shop',
	);
	expect(series.points.reduce((sum, { requests }) => sum + requests, 0)).toBe(
		weightOf(ofCart.filter((span) => within(scope.window, span))),
	);
	expect(series).toEqual(await redOfSpans.red(scope, service, { stepMs }));
}

/** Sums of numbers with fractions depend on their order; what a version is first seen by, on how fine rows are. */
const rounded = (services: readonly Service[]): unknown[] =>
	services
		.map((row) => ({ ...row, firstSeenMs: 0 }))
		.map(({ versions, ...row }) => ({
			...row,
			versions: versions
				.map(({ version, requests, lastSeenMs }) => ({ version, requests, lastSeenMs }))
				.sort((a, b) => (a.version < b.version ? -1 : 1)),
			totalNano: Number(row.totalNano.toPrecision(12)),
		}))
		.sort((a, b) =>
			keyOf(a.namespace, a.service, a.environment) < keyOf(b.namespace, b.service, b.environment) ? -1 : 1,
		);
