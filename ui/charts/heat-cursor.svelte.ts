import { Cursor } from './cursor.svelte.ts';
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
export class HeatCursor extends Cursor<Cell> {
	/** From the anchor to the cell, while a rectangle is drawn. */
	readonly drawn: CellRange | undefined = $derived.by(() => {
		const [from, to] = [this.anchor, this.at];
		return from && to && rangeOf(from, to);
	});
	/** The cell alone. */
	readonly pointed: CellRange | undefined = $derived(this.at && rangeOf(this.at, this.at));

	/** What is drawn is no larger than where it began. */
	get isOneCell(): boolean {
		const range = this.drawn;
		return range !== undefined && range.firstColumn === range.lastColumn && range.firstRow === range.lastRow;
	}

	/** What was drawn, as a brush; drawing ends. */
	finish(grid: HeatGrid): HeatBrush | undefined {
		const range = this.drawn;
		this.cancel();
		return range === undefined ? undefined : brushOf(grid, range);
	}

	/** Moves by keys, within the grid; from outside, to the last column and the middle. Extends what is drawn or ends it. */
	step(grid: HeatGrid, columns: number, rows: number, isDrawing: boolean): void {
		const last = { column: grid.timesMs.length - 1, row: grid.rows.length - 1 };
		const from = this.at ?? { column: last.column, row: Math.floor(last.row / 2) };
		const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
		const to = { column: within(from.column + columns, last.column), row: within(from.row + rows, last.row) };
		this.go(to, isDrawing);
	}

	/** Puts the cell into the corner of a brush, so that keys go on from there. */
	follow(grid: HeatGrid, brush: HeatBrush): void {
		const cells = cellsOf(grid, brush);
		if (cells !== undefined) this.go({ column: cells.lastColumn, row: cells.lastRow }, false);
	}
}
