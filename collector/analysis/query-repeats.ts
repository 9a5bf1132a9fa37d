/** The same query again and again below one span (N+1): how the calls lie to each other, and what they cost a request. */
import type { QueryRepeats, REPEAT_PATTERNS, RequestRepeats } from '../../schema/api-database.ts';

/** From so many calls of one query under one parent on, if they take so long together, it is worth a look. */
export const MIN_REPEATS = 5;
export const MIN_BUSY_NANO = 50_000_000;

type RepeatPattern = (typeof REPEAT_PATTERNS)[number];

/**
 * Side by side when together they take a fifth longer than the time in which any of them ran; taking turns when there are half
 * as many other queries between the first and the last; else one after the other.
 */
export function repeatPattern(calls: {
	repeats: number;
	totalNano: number;
	busyNano: number;
	firstStartNano: number;
	lastStartNano: number;
	/** Starts of the other queries below the same span. */
	otherStartsNano: readonly number[];
}): RepeatPattern {
	if (calls.totalNano > calls.busyNano * 1.2) return 'parallel';
	const between = calls.otherStartsNano.filter(
		(startNano) => startNano > calls.firstStartNano && startNano < calls.lastStartNano,
	);
	return between.length * 2 >= calls.repeats ? 'interleaved' : 'sequential';
}

/** About how much shorter one call in place of all would be: what they were busy with, less one call's share. */
export const savedNano = (calls: { repeats: number; busyNano: number; totalNano: number }): number =>
	Math.max(0, calls.busyNano - calls.totalNano / Math.max(1, calls.repeats));

/** One call, and the request that it was made for. */
export interface RepeatableCall {
	traceId: string;
	/** 16 hexadecimal digits, all 0 without one. */
	parentSpanId: string;
	service: string;
	startNano: number;
	durationNano: number;
	caller: { spanId: string; operation: string };
}

const maxOperations = 20;

/** Calls of one query below one span. */
export interface RepeatedBelow {
	calls: readonly RepeatableCall[];
	repeats: number;
	busyNano: number;
	totalNano: number;
}

/** The spans that have the query below them so often and so long that it is worth a look. */
export function repeatedBelow(calls: readonly RepeatableCall[]): RepeatedBelow[] {
	const below = calls.filter(({ parentSpanId }) => !/^0*$/.test(parentSpanId));
	const byParent = Map.groupBy(below, (call) => `${call.traceId} ${call.parentSpanId} ${call.service}`);
	return [...byParent.values()]
		.filter((members) => members.length >= MIN_REPEATS)
		.map((members) => ({
			calls: members,
			repeats: members.length,
			busyNano: busyNano(members),
			totalNano: members.reduce((sum, { durationNano }) => sum + durationNano, 0),
		}))
		.filter((repeated) => repeated.busyNano >= MIN_BUSY_NANO);
}

/** All of them together; null where there are none. */
export function sumOfRepeats(repeated: readonly RepeatedBelow[]): QueryRepeats | null {
	if (repeated.length === 0) return null;
	return {
		parents: repeated.length,
		calls: repeated.reduce((sum, { repeats }) => sum + repeats, 0),
		mostRepeats: repeated.reduce((most, { repeats }) => Math.max(most, repeats), 0),
		busyNano: repeated.reduce((sum, one) => sum + one.busyNano, 0),
	};
}

/**
 * Of the requests that have such repeats below one of their spans: how many repeats each has, and about how much shorter it
 * would be. Operations that would save the most together come first.
 */
export function repeatsPerRequest(repeatedOf: readonly RepeatedBelow[]): RequestRepeats[] {
	const requests = new Map<string, { service: string; operation: string; repeats: number; saved: number }>();
	for (const repeated of repeatedOf) {
		const [first] = repeated.calls;
		if (first === undefined) continue;
		const { service, caller } = first;
		const key = `${first.traceId} ${service} ${caller.spanId || first.parentSpanId}`;
		const request = requests.get(key) ?? { service, operation: caller.operation, repeats: 0, saved: 0 };
		requests.set(key, request);
		request.repeats += repeated.repeats;
		request.saved += savedNano(repeated);
	}
	const byOperation = Map.groupBy(requests.values(), ({ service, operation }) => JSON.stringify([service, operation]));
	const sumOf = (all: readonly { saved: number }[]) => all.reduce((sum, { saved }) => sum + saved, 0);
	return [...byOperation.entries()]
		.sort(([a, left], [b, right]) => sumOf(right) - sumOf(left) || (a < b ? -1 : 1))
		.slice(0, maxOperations)
		.flatMap(([, all]): RequestRepeats[] => {
			const [first] = all;
			if (first === undefined) return [];
			const repeats = all.map((request) => request.repeats).sort((a, b) => a - b);
			const saved = all.map((request) => request.saved).sort((a, b) => a - b);
			return [
				{
					service: first.service,
					operation: first.operation,
					requests: all.length,
					p50Repeats: nearestRank(repeats, 0.5),
					p95Repeats: nearestRank(repeats, 0.95),
					mostRepeats: repeats.at(-1) ?? 0,
					p50SavedNano: nearestRank(saved, 0.5),
				},
			];
		});
}

/** How long at least one of them ran. */
function busyNano(calls: readonly RepeatableCall[]): number {
	let busy = 0;
	let until = -Infinity;
	for (const { startNano, durationNano } of calls.toSorted((a, b) => a.startNano - b.startNano)) {
		const end = startNano + durationNano;
		busy += Math.max(0, end - Math.max(startNano, until));
		until = Math.max(until, end);
	}
	return busy;
}

/** Of sorted numbers the smallest that a share of them doesn't exceed. */
const nearestRank = (sorted: readonly number[], q: number): number =>
	sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
