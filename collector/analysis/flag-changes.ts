import type { FlagEffect } from '../../schema/change.ts';

/** A variant of a feature flag in one service and environment, and when spans were given it. */
export interface FlagSight {
	namespace: string;
	service: string;
	environment: string;
	flag: string;
	variant: string;
	/** By hour: when it was first and last seen in it, and by how many spans. All that is older is one. */
	slots: readonly FlagSlot[];
}

export type FlagSlot = readonly [firstMs: number, lastMs: number, spans: number];

export interface FlagChange extends Pick<FlagSight, 'namespace' | 'service' | 'environment' | 'flag'> {
	tMs: number;
	effect: FlagEffect;
	/** Undefined where it is gone. */
	variant: string | undefined;
	/** The one whose place it took, or that is gone. */
	previous: string | undefined;
	/** Those that are seen besides. */
	beside: string[];
}

/** A variant that is not seen for a shorter time is not over. */
export const LEAST_GAP_MS = 3_600_000;
/** One that is not seen for so long is, however rare it was. What came in so long before says how rare. */
export const LONGEST_GAP_MS = 86_400_000;
/** How often a variant should have been seen meanwhile, by its share before: 0 times of so many is chance in 1 of 150 cases. */
const EXPECTED_SIGHTS = 5;
/** Processes learn of a switch one after the other: variants that are seen together for no longer are not beside each other. */
const OVERLAP_MS = 300_000;

/**
 * What changed of flags in the half-open window. Slots are in order, and go on for `LONGEST_GAP_MS` and an hour after the window, or to
 * now. They are by hour for twice as long before it, the longest gap and what says how rare a variant was before it: so what is said
 * of a time is the same whatever the window.
 */
export function flagChanges(
	sights: readonly FlagSight[],
	{ fromMs, toMs }: { fromMs: number; toMs: number },
): FlagChange[] {
	const flags = Map.groupBy(sights, ({ namespace, service, environment, flag }) =>
		JSON.stringify([namespace, service, environment, flag]),
	);
	return [...flags.values()]
		.flatMap((variants) => changesOf(variants))
		.filter(({ tMs }) => tMs >= fromMs && tMs < toMs);
}

/** As long as a variant is given out. */
interface Stretch {
	variant: string;
	firstMs: number;
	lastMs: number;
	/** Others were seen after it as long as it takes. */
	isOver: boolean;
}

function changesOf(variants: readonly FlagSight[]): FlagChange[] {
	const stretches = variants.flatMap((sight) => stretchesOf(sight, variants)).sort((a, b) => a.firstMs - b.firstMs);
	const lastMs = Math.max(...stretches.map((stretch) => stretch.lastMs));
	return variants.slice(0, 1).flatMap(({ namespace, service, environment, flag }) =>
		stretches
			.flatMap((stretch) => [beginning(stretch, stretches, lastMs), ending(stretch, stretches)])
			.filter((change) => change !== undefined)
			.map((change) => ({ namespace, service, environment, flag, ...change })),
	);
}

function stretchesOf({ variant, slots }: FlagSight, variants: readonly FlagSight[]): Stretch[] {
	const others = variants.filter((other) => other.variant !== variant).flatMap((other) => other.slots);
	const stretches: Stretch[] = [];
	for (const [firstMs, lastMs] of slots) {
		const last = stretches.at(-1);
		if (last === undefined || isOver(slots, others, last.lastMs, firstMs))
			stretches.push({ variant, firstMs, lastMs, isOver: true });
		else last.lastMs = lastMs;
	}
	const last = stretches.at(-1);
	if (last !== undefined) last.isOver = isOver(slots, others, last.lastMs, Infinity);
	return stretches;
}

/** Whether a variant was over that was seen last at one time, and not again before another. */
function isOver(own: readonly FlagSlot[], others: readonly FlagSlot[], lastMs: number, againMs: number): boolean {
	const meanwhile = others.filter(([first, last]) => last > lastMs && first < againMs);
	const endMs = againMs === Infinity ? Math.max(...meanwhile.map(([, last]) => last)) : againMs;
	if (meanwhile.length === 0 || endMs - lastMs < LEAST_GAP_MS) return false;
	if (endMs - lastMs >= LONGEST_GAP_MS) return true;
	const before = (slots: readonly FlagSlot[]): number => spansIn(slots, lastMs - LONGEST_GAP_MS, lastMs);
	return before(own) * spansIn(others, lastMs, endMs) >= EXPECTED_SIGHTS * before(others);
}

/** About how many there were after one time up to another, as if those of an hour came evenly. */
function spansIn(slots: readonly FlagSlot[], afterMs: number, toMs: number): number {
	return slots.reduce((sum, [first, last, spans]) => {
		const insideMs = Math.min(last, toMs) - Math.max(first, afterMs);
		if (first > afterMs && last <= toMs) return sum + spans;
		return insideMs <= 0 ? sum : sum + (spans * insideMs) / (last - first);
	}, 0);
}

type Changed = Omit<FlagChange, 'namespace' | 'service' | 'environment' | 'flag'>;

/** `lastMs`: of the flag, whichever variant. */
function beginning({ variant, firstMs: tMs }: Stretch, stretches: readonly Stretch[], lastMs: number): Changed {
	const before = stretches.filter((other) => other.variant !== variant && other.firstMs < tMs);
	const latest = before.toSorted((a, b) => b.lastMs - a.lastMs)[0];
	if (latest === undefined) return { tMs, effect: 'first', variant, previous: undefined, beside: [] };
	// As long as it can't be told, they are beside it.
	const isYoung = lastMs <= tMs + OVERLAP_MS;
	const beside = namesOf(before.filter((other) => other.lastMs > (isYoung ? tMs : tMs + OVERLAP_MS)));
	return beside.length === 0
		? { tMs, effect: 'switch', variant, previous: latest.variant, beside }
		: { tMs, effect: 'beside', variant, previous: undefined, beside };
}

/** Where others go on that were there before: otherwise it is what took its place that is told. */
function ending({ variant, lastMs: tMs, isOver: over }: Stretch, stretches: readonly Stretch[]): Changed | undefined {
	if (!over) return undefined;
	const beside = namesOf(
		stretches.filter(
			(other) => other.variant !== variant && other.firstMs <= tMs - OVERLAP_MS && other.lastMs > tMs + OVERLAP_MS,
		),
	);
	return beside.length === 0 ? undefined : { tMs, effect: 'gone', variant: undefined, previous: variant, beside };
}

const namesOf = (stretches: readonly Stretch[]): string[] =>
	[...new Set(stretches.map(({ variant }) => variant))].sort();
