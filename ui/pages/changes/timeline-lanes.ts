/** Where changes lie on a timeline: one lane for what each service does in each environment. */
import type { ChartSteps } from '../../charts/chart-data.ts';
import type { TimeWindow } from '../../../schema/api.ts';
import type { Change } from '../../../schema/api-changes.ts';

/** Changes that stand too close to be told apart, by time; often one. */
export interface ChangeMark {
	/** Of the first one. */
	atPx: number;
	first: Change;
	changes: Change[];
}

export interface ChangeLane {
	/** Empty for changes of everything. */
	service: string;
	environment: string;
	marks: ChangeMark[];
}

export interface Timeline {
	/** Those that changed last on top; changes of everything above all. */
	lanes: ChangeLane[];
	/** Lanes beyond `most`, and how many changes are on them. */
	left: { lanes: number; changes: number };
}

/** `x` grows with time; marks of a lane begin at least `roomPx` apart. */
export function timelineOf(
	changes: readonly Change[],
	x: (tMs: number) => number,
	roomPx: number,
	most: number,
): Timeline {
	const newestFirst = changes.toSorted((a, b) => b.tMs - a.tMs);
	const groups = [...Map.groupBy(newestFirst, ({ service, environment }) => JSON.stringify([service, environment]))];
	const lanes = groups.map(([, members]) => members).sort((a, b) => Number(isOfAll(b)) - Number(isOfAll(a)));
	const left = lanes.slice(most);
	return {
		lanes: lanes.slice(0, most).map((members) => ({
			service: members[0]?.service ?? '',
			environment: members[0]?.environment ?? '',
			marks: marksOf(members.toReversed(), x, roomPx),
		})),
		left: { lanes: left.length, changes: left.flat().length },
	};
}

const isOfAll = (members: readonly Change[]): boolean => members[0]?.service === '';

/** Of changes by time. */
function marksOf(changes: readonly Change[], x: (tMs: number) => number, roomPx: number): ChangeMark[] {
	const marks: ChangeMark[] = [];
	for (const change of changes) {
		const atPx = Math.round(x(change.tMs));
		const last = marks.at(-1);
		if (last !== undefined && atPx - last.atPx < roomPx) last.changes.push(change);
		else marks.push({ atPx, first: change, changes: [change] });
	}
	return marks;
}

/** The window in equal steps, for a slider over it. */
export function splitWindow({ fromMs, toMs }: TimeWindow, count: number): ChartSteps {
	const stepMs = (toMs - fromMs) / count;
	return { fromMs, toMs, stepMs, timesMs: Array.from({ length: count }, (_, i) => fromMs + i * stepMs) };
}

/** How many changes fall into each step; what lies outside the window is in none. */
export function countBySteps(changes: readonly Change[], { fromMs, toMs, stepMs, timesMs }: ChartSteps): number[] {
	const counts = timesMs.map(() => 0);
	for (const { tMs } of changes) {
		if (tMs < fromMs || tMs >= toMs) continue;
		const step = Math.min(counts.length - 1, Math.floor((tMs - fromMs) / stepMs));
		counts[step] = (counts[step] ?? 0) + 1;
	}
	return counts;
}
