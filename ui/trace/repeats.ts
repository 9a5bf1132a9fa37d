import type { TraceColumns } from '../../schema/trace-columns.ts';

/** Fewer of the same under one parent are nothing to fold. */
const FEWEST = 5;

/** Siblings that do the same, as groups numbered from 0: at least five of one service, name and operation under one parent. */
export interface Repeats {
	count: number;
	/** For each row the group it is in, -1 for none. */
	groupOf: Int32Array;
	/** Members of group g by start: `rows` from `from[g]` up to `from[g + 1]`. */
	rows: Int32Array;
	from: Uint32Array;
	/** For each row how many groups it is inside of, itself included. */
	around: Uint32Array;
}

export const membersOf = ({ rows, from }: Repeats, group: number): Int32Array =>
	rows.subarray(from[group] ?? 0, from[group + 1] ?? 0);

type RepeatColumns = Pick<
	TraceColumns,
	'count' | 'parent' | 'name' | 'operation' | 'service' | 'services' | 'names' | 'depth'
>;

/** Finds them in one pass over the rows that have enough siblings; others may stand between the members. */
export function findRepeats(trace: RepeatColumns): Repeats {
	const { count, parent } = trace;
	const siblings = new Uint32Array(count + 1);
	for (let row = 0; row < count; row++) {
		const family = (parent[row] ?? -1) + 1;
		siblings[family] = (siblings[family] ?? 0) + 1;
	}
	const candidateOf = new Int32Array(count).fill(-1);
	const sizes: number[] = [];
	const kindOf = kinds(trace);
	const candidates = new Map<number, number>();
	for (let row = 0; row < count; row++) {
		const family = (parent[row] ?? -1) + 1;
		if ((siblings[family] ?? 0) < FEWEST) continue;
		const key = family + kindOf(row) * (count + 1);
		const candidate = candidates.get(key) ?? sizes.push(0) - 1;
		if (sizes[candidate] === 0) candidates.set(key, candidate);
		candidateOf[row] = candidate;
		sizes[candidate] = (sizes[candidate] ?? 0) + 1;
	}
	return groupsOf(trace, candidateOf, sizes);
}

/** A small number for each different service, name and operation together. */
function kinds({ service, name, operation, names }: RepeatColumns): (row: number) => number {
	const known = new Map<number, number>();
	return (row) => {
		const key = ((service[row] ?? 0) * names.length + (name[row] ?? 0)) * names.length + (operation[row] ?? 0);
		const kind = known.get(key) ?? known.size;
		known.set(key, kind);
		return kind;
	};
}

function groupsOf({ count, parent }: RepeatColumns, candidateOf: Int32Array, sizes: readonly number[]): Repeats {
	const groupOfCandidate = new Int32Array(sizes.length).fill(-1);
	const from = [0];
	let last = 0;
	const groupOf = candidateOf.map((candidate) => {
		const size = sizes[candidate] ?? 0;
		if (size < FEWEST) return -1;
		if (groupOfCandidate[candidate] === -1) {
			groupOfCandidate[candidate] = from.length - 1;
			from.push((last += size));
		}
		return groupOfCandidate[candidate] ?? -1;
	});
	const around = new Uint32Array(count);
	for (let row = 0; row < count; row++) {
		around[row] = (around[parent[row] ?? -1] ?? 0) + ((groupOf[row] ?? -1) < 0 ? 0 : 1);
	}
	return { count: from.length - 1, groupOf, rows: membersByGroup(groupOf, from), from: Uint32Array.from(from), around };
}

function membersByGroup(groupOf: Int32Array, from: readonly number[]): Int32Array {
	const rows = new Int32Array(from.at(-1) ?? 0);
	const next = Uint32Array.from(from);
	groupOf.forEach((group, row) => {
		if (group < 0) return;
		const place = next[group] ?? 0;
		rows[place] = row;
		next[group] = place + 1;
	});
	return rows;
}
