import { formatCount, formatDuration } from '../lib/format.ts';
import { formatClock } from '../lib/time-format.ts';
import type { CellRange, HeatGrid } from './heatmap-grid.ts';
import type { Zone } from '../lib/time-format.ts';

/** `12:00:00 to 12:05:00, 100 ms to 1 s: 412 spans, 3 failed`. */
export function describeCells(
	grid: HeatGrid,
	{ firstColumn, lastColumn, firstRow, lastRow }: CellRange,
	{ requests, errors }: { requests: number; errors: number },
	zone: Zone,
): string {
	const from = formatClock(grid.timesMs[firstColumn] ?? grid.fromMs, zone);
	const to = formatClock((grid.timesMs[lastColumn] ?? grid.fromMs) + grid.stepMs, zone);
	const shortest = formatDuration(grid.rows[firstRow]?.fromNano);
	const longest = formatDuration(grid.rows[lastRow]?.toNano);
	const failed = errors > 0 ? `, ${formatCount(errors)} failed` : '';
	return `${from} to ${to}, ${shortest} to ${longest}: ${formatCount(requests)} ${requests === 1 ? 'span' : 'spans'}${failed}`;
}
