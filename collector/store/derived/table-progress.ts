import type { DerivedRanges } from './derived-ranges.ts';
import type { DerivedTable, Unit } from './derived-table.ts';

/** How far a Deriver is with one of its tables. */
export interface TableProgress {
	table: DerivedTable;
	/** Every commit up to this one is accounted for. */
	reachedTo: number;
	/** And no unit has rows that also account for commits after this one, of which a reader could take a part neither way. */
	derivedTo: number;
	/** Units that are further than that, because a crash or a failure came before the range was done. */
	made: Map<string, number>;
	/** Of tables with `hasLastTime`, as the next. */
	ranges: DerivedRanges;
	othersRowsToMs: number;
	/** Id of an insert that may have landed or still run: to be asked about before the next. */
	doubt: string | undefined;
	/** Until then commits are read from `spans`: they were stored before this process began. */
	catchUpTo: number;
	failures: number;
	retryAtMs: number;
}

export const idle = { doubt: undefined, failures: 0, retryAtMs: 0 };

export const keyOf = ({ project, day, shard = 0 }: Unit): string => `${shard} ${day} ${project}`;

/** Where a failure made ranges shorter than one that some units have rows of, readers wait until the others are as far. */
export function reach(progress: TableProgress, upTo: number): void {
	progress.reachedTo = upTo;
	if (Math.max(0, ...progress.made.values()) > upTo) return;
	progress.derivedTo = upTo;
	progress.made.clear();
}

export const leastDerived = (progress: readonly TableProgress[], last: number): number =>
	Math.min(last, ...progress.map(({ derivedTo }) => derivedTo));
