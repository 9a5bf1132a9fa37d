import type { Trace } from '../../schema/trace-columns.ts';
import type { ColumnSource, FilterResult, SpanMatches } from './span-filter.ts';
import { shortServices } from './short-services.ts';
import { endOf, endOfTrace, hasFlag, spanIdOf, startOf } from './span-facts.ts';
import { Stretches } from './stretches.ts';
import type { TraceAddress } from './trace-address.svelte.ts';
import { TraceLines } from './trace-lines.svelte.ts';
import type { TimeSpan } from './trace-query.ts';
import type { VisibleRows } from './visible-rows.ts';
import { withAncestors } from './visible-rows.ts';
import { clampZoom, fitSpan, panBy, zoomAround } from './zoom.ts';

/** Asks the waterfall to bring an entry into sight. Every request is a new object. */
export interface Reveal {
	entry: number;
	takesFocus: boolean;
}

/** More would leave no room for the waterfall itself. */
const MOST_PINS = 8;

interface ViewOptions {
	/** Whether repeats are folded into one line. */
	isGrouped?: () => boolean;
	/** Attributes, as far as they are there. */
	column?: ColumnSource;
	/** What a filter's text finds. */
	filter: (trace: Trace, text: string, column: ColumnSource | undefined) => FilterResult;
}

/** What a reader does with one trace: which lines are open, which one is active, what stretch of time is shown. */
export class TraceView {
	/** Plain data: making 50,000 spans reactive would freeze the page. */
	readonly trace: Trace;
	readonly stretches: Stretches;
	/** Names of the services, without the namespace when all have the same. */
	readonly serviceLabels: readonly string[];
	/** Nanoseconds from the first start to the last end; at least one. */
	readonly whole: number;
	readonly lines: TraceLines;
	readonly #address: TraceAddress;
	readonly #options: ViewOptions;
	/** The entry that the keys start from: it has the focus when the grid has it. -1 before the first step. */
	active = $state(-1);
	reveal = $state.raw<Reveal>();

	readonly filter: FilterResult = $derived.by(() =>
		this.#options.filter(this.trace, this.#address.filter, this.#options.column),
	);
	readonly matches: SpanMatches | undefined = $derived(
		this.filter.kind === 'matches' ? this.filter.matches : undefined,
	);
	readonly isOnly: boolean = $derived.by(() => this.#address.only && this.matches !== undefined);
	readonly #kept: Uint8Array | undefined = $derived.by(() =>
		this.isOnly && this.matches !== undefined ? withAncestors(this.trace, this.matches.marked) : undefined,
	);
	/** The row whose subtree alone is shown, -1 for the whole trace. */
	readonly root: number = $derived.by(() => this.rowOf(this.#address.root));
	/** What of the time belongs to that: the whole, or the subtree's. */
	readonly scope: TimeSpan = $derived.by(() => this.#extentBelow(this.root));
	readonly zoom: TimeSpan = $derived.by(() => clampZoom(this.#address.values.z ?? this.scope, this.whole));
	/** Row of the span whose details are open, -1 for none. */
	readonly opened: number = $derived.by(() => this.rowOf(this.#address.span));
	/** The stretch of time that is marked. */
	readonly mark: TimeSpan | undefined = $derived.by(() => {
		const { mark } = this.#address.values;
		return mark && clampZoom(mark, this.whole);
	});
	readonly pins: readonly number[] = $derived.by(() =>
		this.#address.pins
			.map((id) => this.rowOf(id))
			.filter((row) => row >= 0)
			.slice(0, MOST_PINS),
	);

	constructor(trace: Trace, address: TraceAddress, options: ViewOptions) {
		const { isGrouped = () => true } = options;
		this.#options = options;
		this.trace = trace;
		this.stretches = new Stretches(trace);
		this.serviceLabels = shortServices(trace.services);
		this.#address = address;
		this.whole = endOfTrace(trace);
		this.lines = new TraceLines(trace, {
			kept: () => this.#kept,
			root: () => (this.root < 0 ? undefined : this.root),
			isGrouped,
		});
		const opened = this.rowOf(address.values.span);
		if (opened >= 0) {
			this.lines.unfoldAbove(opened);
			this.active = opened;
			this.reveal = { entry: opened, takesFocus: false };
		}
	}

	get visible(): VisibleRows {
		return this.lines.visible;
	}

	rowOf(spanId: string): number {
		return spanId === '' ? -1 : this.trace.id.indexOf(BigInt(`0x${spanId}`));
	}

	/** Of the active entry, -1 before anything is active. */
	get position(): number {
		return this.active < 0 ? -1 : (this.visible.positionOf[this.active] ?? -1);
	}

	// ---- Which row

	/** Makes an entry active; its details follow when they are open. */
	activate(entry: number, takesFocus = true): void {
		if (entry < 0 || entry >= this.visible.positionOf.length) return;
		this.#leaveRootFor(entry);
		this.lines.unfoldAbove(entry);
		if (this.isOnly && this.visible.positionOf[entry] === -1) this.#address.settle({ only: false });
		this.#bringIntoZoom(entry);
		this.active = entry;
		this.reveal = { entry, takesFocus };
		const isSpan = !this.lines.isGroup(entry);
		if (isSpan && this.#address.values.span !== '') this.#address.settle({ span: spanIdOf(this.trace, entry) });
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
		// A group stands just before its first member.
		const at = this.lines.isGroup(this.active) ? this.lines.rowOf(this.active) - 0.5 : this.active;
		let index = direction === 1 ? rows.findIndex((row) => row > at) : rows.findLastIndex((row) => row < at);
		if (index < 0) index = direction === 1 ? 0 : rows.length - 1;
		this.activate(rows[index] ?? -1, takesFocus);
	}

	stepMatch(direction: 1 | -1, takesFocus = true): void {
		if (this.matches !== undefined) this.step(this.matches.rows, direction, takesFocus);
	}

	stepError(direction: 1 | -1): void {
		this.step(this.#errorRows, direction);
	}

	/** Along the critical path in the order of time, not of rows. */
	stepCritical(direction: 1 | -1): void {
		const path = [...new Set(this.trace.pathRow.toReversed())];
		if (path.length === 0) return;
		const at = path.indexOf(this.active);
		this.activate(
			path[at < 0 ? (direction === 1 ? 0 : path.length - 1) : (at + direction + path.length) % path.length] ?? -1,
		);
	}

	stepSibling(direction: 1 | -1): void {
		const { active } = this;
		if (active < 0) return this.move(0);
		const siblings = this.lines.siblings(active);
		this.activate(siblings[siblings.indexOf(active) + direction] ?? active);
	}

	// ---- Folding

	toggle(entry: number): void {
		this.#fold(entry, !this.lines.isFolded(entry));
	}

	/** Opens the line, or goes to its first child when it is open. */
	goIn(): void {
		const entry = this.active;
		if (entry < 0) return this.move(0);
		if (!this.lines.hasChildren(entry)) return;
		if (this.lines.isFolded(entry)) this.#fold(entry, false);
		else this.move(1);
	}

	/** Closes the line, or goes to its parent when there is nothing to close. */
	goOut(): void {
		const entry = this.active;
		if (entry < 0) return this.move(0);
		if (this.lines.hasChildren(entry) && !this.lines.isFolded(entry)) this.#fold(entry, true);
		else if (entry !== this.root) this.activate(this.lines.above(entry));
	}

	foldAll(): void {
		this.lines.foldAll();
		this.#stayInSight();
	}

	/** Shows the subtree of the active row alone, or the whole trace again. */
	toggleRoot(): void {
		const row = this.active < 0 ? -1 : this.lines.rowOf(this.active);
		if (row < 0 || row === this.root) return this.leaveRoot();
		this.#address.push({ root: spanIdOf(this.trace, row), z: undefined });
		this.active = row;
		this.reveal = { entry: row, takesFocus: true };
	}

	leaveRoot(): void {
		if (this.root >= 0) this.#address.push({ root: '', z: undefined });
		if (this.active >= 0) this.reveal = { entry: this.active, takesFocus: true };
	}

	// ---- Time

	setZoom(zoom: TimeSpan): void {
		const clamped = clampZoom(zoom, this.whole);
		const isScope = clamped.from <= this.scope.from && clamped.to >= this.scope.to;
		this.#address.settle({ z: isScope ? undefined : clamped });
	}

	/** Around the active span while it is in sight, else around the middle. */
	zoomBy(factor: number, at?: number): void {
		const { zoom } = this;
		const active = this.active < 0 ? undefined : this.lines.extent(this.active);
		const middle = active === undefined ? -1 : (active.from + active.to) / 2;
		const around = at ?? (middle >= zoom.from && middle <= zoom.to ? middle : (zoom.from + zoom.to) / 2);
		this.setZoom(zoomAround(zoom, around, factor, this.whole));
	}

	pan(share: number): void {
		this.setZoom(panBy(this.zoom, share, this.whole));
	}

	fit(): void {
		if (this.active < 0) return;
		const { from, to } = this.lines.extent(this.active);
		this.setZoom(fitSpan(from, to - from, this.whole));
	}

	resetZoom(): void {
		this.setZoom(this.scope);
	}

	/** Marks a stretch, or the active line's; none when that is marked already. */
	toggleMark(stretch?: TimeSpan): void {
		const extent = stretch ?? (this.active < 0 ? undefined : this.lines.extent(this.active));
		const wanted = extent && clampZoom(extent, this.whole);
		const isSame = wanted !== undefined && this.mark?.from === wanted.from && this.mark.to === wanted.to;
		const mark = wanted === undefined || isSame ? undefined : wanted;
		this.#address.push({ mark, list: mark === undefined ? '' : 'mark' });
	}

	// ---- Details

	open(entry: number): void {
		if (entry < 0) return;
		if (this.lines.isGroup(entry)) {
			this.activate(entry);
			return this.toggle(entry);
		}
		this.activate(entry);
		const span = spanIdOf(this.trace, entry);
		if (this.#address.values.span !== span) this.#address.push({ span });
	}

	close(): void {
		this.#address.push({ span: '' });
		if (this.active >= 0) this.reveal = { entry: this.active, takesFocus: true };
	}

	togglePin(row = this.active < 0 ? -1 : this.lines.rowOf(this.active)): void {
		if (row < 0) return;
		const rows = this.pins.includes(row) ? this.pins.filter((pin) => pin !== row) : [...this.pins, row];
		this.#address.push({ pin: rows.slice(-MOST_PINS).map((pin) => spanIdOf(this.trace, pin)) });
	}

	// ----

	/** Moves what is shown, without changing its length, when nothing of the span is in it. */
	#bringIntoZoom(entry: number): void {
		const { from, to } = this.zoom;
		const extent = this.lines.extent(entry);
		if (extent.from <= to && extent.to >= from) return;
		const middle = extent.from + Math.min(extent.to - extent.from, to - from) / 2;
		this.setZoom({ from: middle - (to - from) / 2, to: middle + (to - from) / 2 });
	}

	#leaveRootFor(entry: number): void {
		if (this.root < 0) return;
		const row = this.lines.rowOf(entry);
		const isBelow = row >= this.root && row < (this.trace.end[this.root] ?? 0);
		if (!isBelow) this.#address.settle({ root: '' });
	}

	#fold(entry: number, isFolded: boolean): void {
		this.lines.fold(entry, isFolded);
		if (isFolded) this.#stayInSight();
	}

	/** The active entry goes up to the one that now hides it. */
	#stayInSight(): void {
		const hidden = this.active < 0 ? -1 : this.lines.hiddenBy(this.active);
		if (hidden < 0) return;
		this.active = hidden;
		this.reveal = { entry: hidden, takesFocus: true };
	}

	#extentBelow(root: number): TimeSpan {
		if (root < 0) return { from: 0, to: this.whole };
		let [from, to] = [Infinity, 0];
		for (let row = root; row < (this.trace.end[root] ?? 0); row++) {
			from = Math.min(from, startOf(this.trace, row));
			to = Math.max(to, endOf(this.trace, row));
		}
		return clampZoom({ from, to }, this.whole);
	}

	readonly #errorRows: Int32Array = $derived.by(() => {
		const rows: number[] = [];
		for (let row = 0; row < this.trace.count; row++) if (hasFlag(this.trace, row, 'error')) rows.push(row);
		return Int32Array.from(rows);
	});
}
