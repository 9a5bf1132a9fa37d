import { differenceInterval } from '../../../collector/analysis/share-interval.ts';
import type { Red } from '../../../schema/api.ts';

/** A service or an operation of it, in this window and in the one of the same length before. */
export interface Measured {
	/** `namespace/name`. */
	service: string;
	environment: string;
	/** Undefined for the requests that come into the service. */
	operation: string | undefined;
	/** Of this window, before weighting by sampling. */
	spans: number;
	now: Red;
	before: Red;
}

export interface Rise {
	of: Measured;
	measure: 'errors' | 'p95';
	/** A ratio from 0 to 1, or nanoseconds. */
	now: number;
	before: number;
	/** What it adds over the window: failed requests, or nanoseconds at the p95. */
	weight: number;
}

/** A quantile of fewer spans is one of them, and moves by chance. */
const LEAST_SPANS = 20;
const LEAST_GROWTH = 1.2;

/**
 * The share of errors rose by more than chance at 95 %. Counts are weighted by sampling: what is certain of them depends on
 * the spans behind, of which as many stand for a request before as now.
 */
function errorRise(of: Measured): Rise[] {
	const { now, before, spans } = of;
	if (now.requests === 0 || before.requests === 0) return [];
	const share = now.errors / now.requests;
	const earlier = before.errors / before.requests;
	const spansBefore = (before.requests * spans) / now.requests;
	if (share <= earlier || spans === 0) return [];
	const { low } = differenceInterval(share * spans, spans, earlier * spansBefore, spansBefore);
	if (low <= 0) return [];
	return [{ of, measure: 'errors', now: share, before: earlier, weight: (share - earlier) * now.requests }];
}

function latencyRise(of: Measured): Rise[] {
	const { now, before, spans } = of;
	if (now.p95Nano === null || before.p95Nano === null || before.p95Nano === 0) return [];
	const spansBefore = (before.requests * spans) / Math.max(1, now.requests);
	if (Math.min(spans, spansBefore) < LEAST_SPANS || now.p95Nano < before.p95Nano * LEAST_GROWTH) return [];
	const weight = (now.p95Nano - before.p95Nano) * now.requests;
	return [{ of, measure: 'p95', now: now.p95Nano, before: before.p95Nano, weight }];
}

/** What got worse in one measure, the most first. A service is left out where one of its operations tells more exactly. */
export function leadingRises(all: readonly Measured[], measure: Rise['measure'], limit: number): Rise[] {
	const rises = all.flatMap(measure === 'errors' ? errorRise : latencyRise);
	const told = new Set(rises.filter(({ of }) => of.operation !== undefined).map(({ of }) => placeOf(of)));
	return rises
		.filter(({ of }) => of.operation !== undefined || !told.has(placeOf(of)))
		.sort((a, b) => b.weight - a.weight || compareText(nameOf(a.of), nameOf(b.of)))
		.slice(0, limit);
}

/** Whose operations are worth asking for: services that got worse, then those with the most impact. */
export function servicesToOpen(services: readonly (Measured & { impact: number })[], limit: number): Measured[] {
	const isWorse = (one: Measured): number => (errorRise(one).length + latencyRise(one).length > 0 ? 1 : 0);
	return services
		.filter(({ now }) => now.requests > 0)
		.toSorted((a, b) => isWorse(b) - isWorse(a) || b.impact - a.impact || compareText(nameOf(a), nameOf(b)))
		.slice(0, limit);
}

const placeOf = ({ service, environment }: Measured): string => `${environment} ${service}`;
const nameOf = (one: Measured): string => `${placeOf(one)} ${one.operation ?? ''}`;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
