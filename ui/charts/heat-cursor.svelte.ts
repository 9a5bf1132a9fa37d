import { brushOf, cellsOf } from './heatmap-grid.ts';
import type { CellRange, HeatBrush, HeatGrid } from './heatmap-grid.ts';

interface Cell {
	column: number;
	row: number;
}

const rangeOf = (from: Cell, to: Cell): CellRange => ({
	firstColumn: Math.min(from.column, to.column),
	lastColumn: Math.max(from.column, to.column),
	firstRow: Math.min(from.row, to.row),
	lastRow: Math.max(from.row, to.row),
});

/** The cell that is pointed at, and the rectangle that is being drawn, by pointer or by keys. */
export class HeatCursor {
	cell = $state<Cell>();
	#anchor = $state<Cell>();

	/** From the anchor to the cell, while a rectangle is drawn. */
	readonly drawn: CellRange | undefined = $derived.by(() => {
		const [from, to] = [this.#anchor, this.cell];
		return from && to && rangeOf(from, to);
	});
	/** The cell alone. */
	readonly pointed: CellRange | undefined = $derived(this.cell && rangeOf(this.cell, this.cell));

	/** What is drawn is no larger than where it began. */
	get isOneCell(): boolean {
		const range = this.drawn;
		return range !== undefined && range.firstColumn === range.lastColumn && range.firstRow === range.lastRow;
	}

	point(cell: Cell | undefined): void {
		this.cell = cell;
	}

	/** Draws from here on. */
	begin(): void {
		this.#anchor ??= this.cell;
	}

	cancel(): void {
		this.#anchor = undefined;
	}

	/** What was drawn, as a brush; drawing ends. */
	finish(grid: HeatGrid): HeatBrush | undefined {
		const range = this.drawn;
		this.#anchor = undefined;
		return range === undefined ? undefined : brushOf(grid, range);
	}

	/** Moves by keys, within the grid; from outside, to the last column and the middle. Extends what is drawn or ends it. */
	step(grid: HeatGrid, columns: number, rows: number, extends_: boolean): void {
		if (extends_) this.begin();
		else this.cancel();
		const last = { column: grid.timesMs.length - 1, row: grid.rows.length - 1 };
		const from = this.cell ?? { column: last.column, row: Math.floor(last.row / 2) };
		const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
		this.cell = { column: within(from.column + columns, last.column), row: within(from.row + rows, last.row) };
	}

	/** Puts the cell into the corner of a brush, so that keys go on from there. */
	follow(grid: HeatGrid, brush: HeatBrush): void {
		const cells = cellsOf(grid, brush);
		if (cells !== undefined) this.cell = { column: cells.lastColumn, row: cells.lastRow };
	}
}
