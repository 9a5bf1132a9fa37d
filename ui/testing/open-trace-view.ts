import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { Router } from '../lib/router.svelte.ts';
import type { History } from '../lib/browser-history.ts';
import { filterSpans } from '../trace/span-filter.ts';
import { TraceAddress } from '../trace/trace-address.svelte.ts';
import { traceQuery } from '../trace/trace-query.ts';
import { TraceView } from '../trace/trace-view.svelte.ts';

// row 0  1  |------------------|
// row 1  2    |-----|              collapses over 3
// row 2  3      |--|   error
// row 3  4          |-----|        collapses over 5
// row 4  5            |--|
const drawn: DrawnSpan[] = [
	{ id: 1n, start: 0, end: 1000 },
	{ id: 2n, parent: 1n, start: 100, end: 400 },
	{ id: 3n, parent: 2n, start: 200, end: 300, error: true, name: 'query' },
	{ id: 4n, parent: 1n, start: 500, end: 900 },
	{ id: 5n, parent: 4n, start: 600, end: 800, name: 'query' },
];

function memoryHistory(path: string): History & { url: URL } {
	const history = {
		url: new URL(path, 'http://localhost'),
		read: () => history.url,
		push: (url: URL) => void (history.url = new URL(url)),
		replace: (url: URL) => void (history.url = new URL(url)),
		onPop: () => () => {},
	};
	return history;
}

/** The view of a trace at an address, without a screen. */
export function openTraceView(
	search = '',
	spans: readonly DrawnSpan[] = drawn,
): { view: TraceView; address: TraceAddress; history: { url: URL } } {
	const history = memoryHistory(`/trace/00${search}`);
	const router = new Router({
		history,
		base: '/',
		routes: [
			{ pattern: '/trace/:traceId', query: traceQuery, load: () => Promise.reject(new Error('not loaded here')) },
		],
		global: {},
		onDropped: () => {},
	});
	const address = new TraceAddress(router);
	const arranged = arrangeTrace(traceSpans(spans));
	return {
		view: new TraceView({ ...arranged, total: arranged.count, truncated: false }, address, { filter: filterSpans }),
		address,
		history,
	};
}
