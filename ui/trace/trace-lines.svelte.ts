import type { Trace } from '../../schema/trace-columns.ts';
import { findRepeats, membersOf } from './repeats.ts';
import type { Repeats } from './repeats.ts';
import { repeatFacts } from './repeat-facts.ts';
import type { RepeatFacts } from './repeat-facts.ts';
import { endOf, isParent, startOf } from './span-facts.ts';
import type { TimeSpan } from './trace-query.ts';
import { visibleRows } from './visible-rows.ts';
import type { VisibleRows } from './visible-rows.ts';

interface LineSources {
	/** Hides all it does not mark. */
	kept: () => Uint8Array | undefined;
	/** The row whose subtree alone is shown. */
	root: () => number | undefined;
	/** Whether repeats are folded into one line. */
	isGrouped: () => boolean;
}

/**
 * Which lines the waterfall has. An entry is a row of the trace or, from the trace's count on, a group of repeats: see
 * `visibleRows`.
 */
export class TraceLines {
	readonly #trace: Trace;
	readonly #sources: LineSources;
	readonly repeats: Repeats;
	readonly #collapsed: Uint8Array;
	readonly #openGroups: Uint8Array;
	readonly #facts = new Map<number, RepeatFacts>();
	/** Counts changes of the two arrays. */
	#folds = $state(0);

	readonly visible: VisibleRows = $derived.by(() => {
		void this.#folds;
		return visibleRows(this.#trace, {
			collapsed: this.#collapsed,
			kept: this.#sources.kept(),
			repeats: this.#sources.isGrouped() ? this.repeats : undefined,
			openGroups: this.#openGroups,
			root: this.#sources.root(),
		});
	});

	constructor(trace: Trace, sources: LineSources) {
		this.#trace = trace;
		this.#sources = sources;
		this.repeats = findRepeats(trace);
		this.#collapsed = new Uint8Array(trace.count);
		this.#openGroups = new Uint8Array(this.repeats.count);
	}

	isGroup(entry: number): boolean {
		return entry >= this.#trace.count;
	}

	/** Of a group's entry. */
	facts(entry: number): RepeatFacts {
		const group = entry - this.#trace.count;
		const known = this.#facts.get(group) ?? repeatFacts(this.#trace, this.repeats, group);
		this.#facts.set(group, known);
		return known;
	}

	/** The row itself, or the first of a group. */
	rowOf(entry: number): number {
		return this.isGroup(entry) ? this.facts(entry).first : entry;
	}

	/** Entry of the group that the row is shown in, -1 for none. */
	groupOf(row: number): number {
		const group = this.#sources.isGrouped() ? (this.repeats.groupOf[row] ?? -1) : -1;
		return group < 0 ? -1 : this.#trace.count + group;
	}

	extent(entry: number): TimeSpan {
		if (!this.isGroup(entry)) return { from: startOf(this.#trace, entry), to: endOf(this.#trace, entry) };
		const { start, end } = this.facts(entry);
		return { from: start, to: end };
	}

	/** From 0, as it is indented. */
	level(entry: number): number {
		const row = this.rowOf(entry);
		const root = this.#sources.root();
		const own = this.#level(row) - (this.isGroup(entry) ? 1 : 0);
		return root === undefined ? own : own - this.#level(root);
	}

	#level(row: number): number {
		return (this.#trace.depth[row] ?? 0) + (this.#sources.isGrouped() ? (this.repeats.around[row] ?? 0) : 0);
	}

	hasChildren(entry: number): boolean {
		return this.isGroup(entry) || isParent(this.#trace, entry);
	}

	isFolded(entry: number): boolean {
		void this.#folds;
		return this.isGroup(entry) ? this.#openGroups[entry - this.#trace.count] !== 1 : this.#collapsed[entry] === 1;
	}

	/** What the entry hangs below: a group, a row, or -1. */
	above(entry: number): number {
		const group = this.isGroup(entry) ? -1 : this.groupOf(entry);
		return group >= 0 ? group : (this.#trace.parent[this.rowOf(entry)] ?? -1);
	}

	/** Those that hang below the same as `entry`, itself included, in the order in which they are shown. */
	siblings(entry: number): number[] {
		const group = this.isGroup(entry) ? -1 : this.groupOf(entry);
		if (group >= 0) return [...membersOf(this.repeats, group - this.#trace.count)];
		const { parent, end, count } = this.#trace;
		const above = parent[this.rowOf(entry)] ?? -1;
		const siblings = new Set<number>();
		const last = above < 0 ? count : (end[above] ?? count);
		for (let row = above + 1; row < last; row = end[row] ?? last) {
			const group = this.groupOf(row);
			siblings.add(group >= 0 ? group : row);
		}
		return [...siblings];
	}

	/** The topmost of what hides the entry, -1 when nothing does. */
	hiddenBy(entry: number): number {
		let topmost = -1;
		for (let above = this.above(entry); above >= 0; above = this.above(above)) {
			if (this.isFolded(above)) topmost = above;
		}
		return topmost;
	}

	fold(entry: number, isFolded: boolean): void {
		this.#set(entry, isFolded);
		this.#folds++;
	}

	unfoldAbove(entry: number): void {
		let hasChanged = false;
		for (let above = this.above(entry); above >= 0; above = this.above(above)) {
			hasChanged ||= this.isFolded(above);
			this.#set(above, false);
		}
		if (hasChanged) this.#folds++;
	}

	unfoldSiblings(entry: number): void {
		for (const sibling of this.siblings(entry)) this.#set(sibling, false);
		this.#folds++;
	}

	unfoldAll(): void {
		this.#collapsed.fill(0);
		this.#openGroups.fill(1);
		this.#folds++;
	}

	/** Leaves the first levels. */
	foldAll(): void {
		const top = (this.#sources.root() === undefined ? 0 : (this.#trace.depth[this.#sources.root() ?? 0] ?? 0)) + 1;
		for (let row = 0; row < this.#trace.count; row++) {
			if ((this.#trace.depth[row] ?? 0) >= top && isParent(this.#trace, row)) this.#collapsed[row] = 1;
		}
		this.#openGroups.fill(0);
		this.#folds++;
	}

	#set(entry: number, isFolded: boolean): void {
		if (this.isGroup(entry)) this.#openGroups[entry - this.#trace.count] = isFolded ? 0 : 1;
		else this.#collapsed[entry] = isFolded ? 1 : 0;
	}
}
