/** A chart of a board: what the address of the screen for one chart says, without its time. */
export interface BoardChart {
	title: string;
	search: string;
}

/** What a page can hold and a server answer at a time. */
export const MOST_CHARTS = 24;
const WINDOW_PARAMETERS = ['t', 'from', 'to', 'live', 'env'];

/** The board has one window for all of its charts. */
export function withoutWindow(search: string): string {
	const parameters = new URLSearchParams(search);
	for (const name of WINDOW_PARAMETERS) parameters.delete(name);
	return parameters.toString();
}

/** Boards are kept as a query string, as every saved view is: two parameters for each chart. */
export function writeBoard(charts: readonly BoardChart[]): string {
	const parameters = new URLSearchParams();
	for (const { title, search } of charts.slice(0, MOST_CHARTS)) {
		parameters.append('title', title);
		parameters.append('chart', search);
	}
	return parameters.toString();
}

export function readBoard(search: string): BoardChart[] {
	const parameters = new URLSearchParams(search);
	const titles = parameters.getAll('title');
	return parameters
		.getAll('chart')
		.slice(0, MOST_CHARTS)
		.map((chart, i) => ({ title: titles[i] ?? '', search: withoutWindow(chart) }));
}

/** One place earlier or later; unchanged at the ends. */
export function moveChart(charts: readonly BoardChart[], index: number, step: -1 | 1): BoardChart[] {
	const moved = charts[index];
	const to = index + step;
	if (moved === undefined || to < 0 || to >= charts.length) return [...charts];
	const rest = charts.filter((_, i) => i !== index);
	return [...rest.slice(0, to), moved, ...rest.slice(to)];
}
