import type { TraceColumns } from '../../schema/trace-columns.ts';

/** Fewer of the same in a row are nothing to point out. */
const FEWEST = 5;

/** For the first of at least five neighbouring siblings with one name and service how many they are, for all others 0. */
export function siblingRuns({
	count,
	parent,
	name,
	service,
}: Pick<TraceColumns, 'count' | 'parent' | 'name' | 'service'>): Uint32Array {
	const runs = new Uint32Array(count);
	/** For each parent (roots share the first entry) the first row of the run that its children are in. */
	const leaderOf = new Int32Array(count + 1).fill(-1);
	for (let row = 0; row < count; row++) {
		const siblings = (parent[row] ?? -1) + 1;
		const leader = leaderOf[siblings] ?? -1;
		const goesOn = leader >= 0 && name[leader] === name[row] && service[leader] === service[row];
		const first = goesOn ? leader : row;
		leaderOf[siblings] = first;
		runs[first] = (runs[first] ?? 0) + 1;
	}
	return runs.map((length) => (length >= FEWEST ? length : 0));
}
