import type { Trace } from '../../schema/trace-columns.ts';
import { filterSpans } from './span-filter.ts';
import type { FilterResult, SpanMatches } from './span-filter.ts';
import { siblingRuns } from './sibling-runs.ts';
import { shortServices } from './short-services.ts';
import { durationOf, endOf, endOfTrace, hasFlag, isParent, spanIdOf, startOf } from './span-facts.ts';
import { Stretches } from './stretches.ts';
import type { TraceAddress } from './trace-address.svelte.ts';
import type { TimeSpan } from './trace-query.ts';
import { visibleRows, withAncestors } from './visible-rows.ts';
import type { VisibleRows } from './visible-rows.ts';
import { clampZoom, fitSpan, isWhole, panBy, zoomAround } from './zoom.ts';

/** Asks the waterfall to bring a row into sight. Every request is a new object. */
export interface Reveal {
	row: number;
	takesFocus: boolean;
}

/** What a reader does with one trace: which rows are open, which one is active, what stretch of time is shown. */
export class TraceView {
	/** Plain data: making 50,000 spans reactive would freeze the page. */
	readonly trace: Trace;
	readonly stretches: Stretches;
	/** Names of the services, without the namespace when all have the same. */
	readonly serviceLabels: readonly string[];
	/** See `siblingRuns`. */
	readonly runs: Uint32Array;
	/** Nanoseconds from the first start to the last end; at least one. */
	readonly whole: number;
	readonly #address: TraceAddress;
	readonly #collapsed: Uint8Array;
	/** Counts changes of `#collapsed`. */
	#folds = $state(0);
	/** The row that the keys start from: it has the focus when the grid has it. -1 before the first step. */
	active = $state(-1);
	reveal = $state.raw<Reveal>();

	readonly filter: FilterResult = $derived.by(() => filterSpans(this.trace, this.#address.filter));
	readonly matches: SpanMatches | undefined = $derived(
		this.filter.kind === 'matches' ? this.filter.matches : undefined,
	);
	readonly isOnly: boolean = $derived.by(() => this.#address.only && this.matches !== undefined);
	readonly visible: VisibleRows = $derived.by(() => {
		void this.#folds;
		const kept = this.isOnly && this.matches !== undefined ? withAncestors(this.trace, this.matches.marked) : undefined;
		return visibleRows(this.trace, this.#collapsed, kept);
	});
	readonly zoom: TimeSpan = $derived.by(() =>
		clampZoom(this.#address.values.z ?? { from: 0, to: this.whole }, this.whole),
	);
	/** Row of the span whose details are open, -1 for none. */
	readonly opened: number = $derived.by(() => this.rowOf(this.#address.span));

	constructor(trace: Trace, address: TraceAddress) {
		this.trace = trace;
		this.stretches = new Stretches(trace);
		this.serviceLabels = shortServices(trace.services);
		this.runs = siblingRuns(trace);
		this.#address = address;
		this.#collapsed = new Uint8Array(trace.count);
		this.whole = endOfTrace(trace);
		this.active = this.rowOf(address.values.span);
		if (this.active >= 0) this.reveal = { row: this.active, takesFocus: false };
	}

	rowOf(spanId: string): number {
		return spanId === '' ? -1 : this.trace.id.indexOf(BigInt(`0x${spanId}`));
	}

	/** Of the active row, or of the first before anything is active. */
	get position(): number {
		return this.active < 0 ? -1 : (this.visible.positionOf[this.active] ?? -1);
	}

	isCollapsed(row: number): boolean {
		void this.#folds;
		return this.#collapsed[row] === 1;
	}

	// ---- Which row

	/** Makes a row active; its details follow when they are open. */
	activate(row: number, takesFocus = true): void {
		if (row < 0 || row >= this.trace.count) return;
		this.#unfoldAbove(row);
		if (this.isOnly && this.visible.positionOf[row] === -1) this.#address.settle({ only: false });
		this.#bringIntoZoom(row);
		this.active = row;
		this.reveal = { row, takesFocus };
		if (this.#address.values.span !== '') this.#address.settle({ span: spanIdOf(this.trace, row) });
	}

	activatePosition(position: number): void {
		const { rows } = this.visible;
		this.activate(rows[Math.min(rows.length - 1, Math.max(0, position))] ?? -1);
	}

	move(by: number): void {
		this.activatePosition(this.position < 0 ? 0 : this.position + by);
	}

	/** The next row in `rows` (sorted) after the active one, round the end. */
	step(rows: Int32Array, direction: 1 | -1, takesFocus = true): void {
		if (rows.length === 0) return;
		let index =
			direction === 1 ? rows.findIndex((row) => row > this.active) : rows.findLastIndex((row) => row < this.active);
		if (index < 0) index = direction === 1 ? 0 : rows.length - 1;
		this.activate(rows[index] ?? -1, takesFocus);
	}

	stepMatch(direction: 1 | -1, takesFocus = true): void {
		if (this.matches !== undefined) this.step(this.matches.rows, direction, takesFocus);
	}

	stepError(direction: 1 | -1): void {
		this.step(this.#rowsWith('error'), direction);
	}

	/** Along the critical path in the order of time, not of rows. */
	stepCritical(direction: 1 | -1): void {
		const path = this.#pathRows();
		if (path.length === 0) return;
		const at = path.indexOf(this.active);
		this.activate(
			path[at < 0 ? (direction === 1 ? 0 : path.length - 1) : (at + direction + path.length) % path.length] ?? -1,
		);
	}

	stepSibling(direction: 1 | -1): void {
		const { active } = this;
		if (active < 0) return this.move(0);
		const siblings = this.#siblings(active);
		this.activate(siblings[siblings.indexOf(active) + direction] ?? active);
	}

	// ---- Folding

	toggle(row: number): void {
		this.#fold(row, this.#collapsed[row] !== 1);
	}

	/** Opens the row, or goes to its first child when it is open. */
	goIn(): void {
		const row = this.active;
		if (row < 0) return this.move(0);
		if (!isParent(this.trace, row)) return;
		if (this.#collapsed[row] === 1) this.#fold(row, false);
		else this.move(1);
	}

	/** Closes the row, or goes to its parent when there is nothing to close. */
	goOut(): void {
		const row = this.active;
		if (row < 0) return this.move(0);
		if (isParent(this.trace, row) && this.#collapsed[row] !== 1) this.#fold(row, true);
		else if ((this.trace.parent[row] ?? -1) >= 0) this.activate(this.trace.parent[row] ?? -1);
	}

	unfoldSiblings(): void {
		for (const row of this.#siblings(this.active)) this.#collapsed[row] = 0;
		this.#folds++;
	}

	unfoldAll(): void {
		this.#collapsed.fill(0);
		this.#folds++;
	}

	/** Leaves the first levels. */
	foldAll(): void {
		for (let row = 0; row < this.trace.count; row++) {
			if ((this.trace.depth[row] ?? 0) >= 1 && isParent(this.trace, row)) this.#collapsed[row] = 1;
		}
		this.#stayInSight();
		this.#folds++;
	}

	// ---- Time

	setZoom(zoom: TimeSpan): void {
		const clamped = clampZoom(zoom, this.whole);
		this.#address.settle({ z: isWhole(clamped, this.whole) ? undefined : clamped });
	}

	/** Around the active span while it is in sight, else around the middle. */
	zoomBy(factor: number, at?: number): void {
		const { zoom } = this;
		const middle = this.active < 0 ? -1 : startOf(this.trace, this.active) + durationOf(this.trace, this.active) / 2;
		const around = at ?? (middle >= zoom.from && middle <= zoom.to ? middle : (zoom.from + zoom.to) / 2);
		this.setZoom(zoomAround(zoom, around, factor, this.whole));
	}

	pan(share: number): void {
		this.setZoom(panBy(this.zoom, share, this.whole));
	}

	fit(): void {
		if (this.active >= 0)
			this.setZoom(fitSpan(startOf(this.trace, this.active), durationOf(this.trace, this.active), this.whole));
	}

	resetZoom(): void {
		this.setZoom({ from: 0, to: this.whole });
	}

	// ---- Details

	open(row: number): void {
		if (row < 0) return;
		this.activate(row);
		const span = spanIdOf(this.trace, row);
		if (this.#address.values.span !== span) this.#address.push({ span });
	}

	close(): void {
		this.#address.push({ span: '' });
		if (this.active >= 0) this.reveal = { row: this.active, takesFocus: true };
	}

	// ----

	/** Moves what is shown, without changing its length, when nothing of the span is in it. */
	#bringIntoZoom(row: number): void {
		const { from, to } = this.zoom;
		const start = startOf(this.trace, row);
		if (start <= to && endOf(this.trace, row) >= from) return;
		const middle = start + Math.min(durationOf(this.trace, row), to - from) / 2;
		this.setZoom({ from: middle - (to - from) / 2, to: middle + (to - from) / 2 });
	}

	#fold(row: number, isFolded: boolean): void {
		this.#collapsed[row] = isFolded ? 1 : 0;
		if (isFolded) this.#stayInSight();
		this.#folds++;
	}

	/** The active row goes up to the row that now hides it. */
	#stayInSight(): void {
		let topmost = -1;
		for (let row = this.trace.parent[this.active] ?? -1; row >= 0; row = this.trace.parent[row] ?? -1) {
			if (this.#collapsed[row] === 1) topmost = row;
		}
		if (topmost >= 0) {
			this.active = topmost;
			this.reveal = { row: topmost, takesFocus: true };
		}
	}

	#unfoldAbove(row: number): void {
		let hasChanged = false;
		for (let above = this.trace.parent[row] ?? -1; above >= 0; above = this.trace.parent[above] ?? -1) {
			hasChanged ||= this.#collapsed[above] === 1;
			this.#collapsed[above] = 0;
		}
		if (hasChanged) this.#folds++;
	}

	#siblings(row: number): number[] {
		const { parent, end, count } = this.trace;
		const above = parent[row] ?? -1;
		const siblings: number[] = [];
		const last = above < 0 ? count : (end[above] ?? count);
		for (let sibling = above + 1; sibling < last; sibling = end[sibling] ?? last) siblings.push(sibling);
		return siblings;
	}

	#rowsWith(flag: 'error'): Int32Array {
		const rows: number[] = [];
		for (let row = 0; row < this.trace.count; row++) if (hasFlag(this.trace, row, flag)) rows.push(row);
		return Int32Array.from(rows);
	}

	#pathRows(): number[] {
		return [...new Set(this.trace.pathRow.toReversed())];
	}
}
