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
	/** Where its name may stand, and how wide. */
	side: 'left' | 'right';
	roomPx: number;
}

/** Less would be an ellipsis and a letter. */
export const NAME_PX = 76;

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

/** `x` grows with time up to `endPx`; marks of a lane begin at least `markPx` apart. */
export function timelineOf(
	changes: readonly Change[],
	x: (tMs: number) => number,
	{ markPx, endPx, most }: { markPx: number; endPx: number; most: number },
): Timeline {
	const newestFirst = changes.toSorted((a, b) => b.tMs - a.tMs);
	const groups = [...Map.groupBy(newestFirst, ({ service, environment }) => JSON.stringify([service, environment]))];
	const lanes = groups.map(([, members]) => members).sort((a, b) => Number(isOfAll(b)) - Number(isOfAll(a)));
	const left = lanes.slice(most);
	return {
		lanes: lanes.slice(0, most).map((members) => ({
			service: members[0]?.service ?? '',
			environment: members[0]?.environment ?? '',
			marks: withRooms(marksOf(members.toReversed(), x, markPx), endPx),
		})),
		left: { lanes: left.length, changes: left.flat().length },
	};
}

const isOfAll = (members: readonly Change[]): boolean => members[0]?.service === '';

type Mark = Omit<ChangeMark, 'side' | 'roomPx'>;

/** Of changes by time. */
function marksOf(changes: readonly Change[], x: (tMs: number) => number, markPx: number): Mark[] {
	const marks: Mark[] = [];
	for (const change of changes) {
		const atPx = Math.round(x(change.tMs));
		const last = marks.at(-1);
		if (last !== undefined && atPx - last.atPx < markPx) last.changes.push(change);
		else marks.push({ atPx, first: change, changes: [change] });
	}
	return marks;
}

/** Names stand behind their marks; that of the last, where there is no room before the end, shares the room before it. */
function withRooms(marks: readonly Mark[], endPx: number): ChangeMark[] {
	const rooms = marks.map((mark, i): ChangeMark => {
		return { ...mark, side: 'right', roomPx: (marks[i + 1]?.atPx ?? endPx) - mark.atPx };
	});
	const [last, before] = [rooms.at(-1), rooms.at(-2)];
	if (last === undefined || last.roomPx > NAME_PX) return rooms;
	const gapPx = last.atPx - (before?.atPx ?? 0);
	const sharedPx = before === undefined ? gapPx : gapPx / 2;
	if (sharedPx <= NAME_PX) return rooms;
	if (before !== undefined) before.roomPx = sharedPx;
	rooms[rooms.length - 1] = { ...last, side: 'left', roomPx: sharedPx };
	return rooms;
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
