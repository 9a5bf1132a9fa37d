import type { Partial } from '../../schema/api.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import type { Parameters } from './clickhouse.ts';
import { startOfPage } from './cursor.ts';
import type { PageStart } from './cursor.ts';
import type { ReadBudget } from './read-budget.ts';
import type { Page, WindowScope } from './reader-types.ts';
import { sliceStarts } from './time-slices.ts';
import { isSliced } from './trace-page.ts';

interface Search {
	what: 'traces' | 'spans';
	scope: WindowScope;
	query: CompiledQuery;
	page: Page;
}

/** A row of a page: `id` as it stands in the cursor. */
interface PageRow {
	id: string;
	sortKey: string;
}

/** Rows in order, at most `limit`, of the window from `sliceFromMs` on. */
type ReadRows<Row> = (parameters: Parameters, limit: number) => Promise<Row[]>;

function afterParameters({ after }: PageStart): Parameters {
	if (after === undefined) return {};
	const [afterTrace = '', afterSpan = '', afterTie = '0'] = after.id.split('.');
	return { afterKey: after.key, afterTrace, afterSpan, afterTie };
}

/** From the newest slice back until there are enough. What may be read is asked when the first slice was too little. */
async function readSlices<Row>(
	budget: ReadBudget,
	{ start, scope, query, enough }: { start: PageStart; scope: WindowScope; query: CompiledQuery; enough: number },
	read: ReadRows<Row>,
): Promise<{ rows: Row[]; partial?: Partial | undefined }> {
	const starts = sliceStarts(start.window, start.after?.key, query.isSought === true);
	const from = (sliceFromMs: number) => read({ ...afterParameters(start), sliceFromMs }, enough);
	let slice = starts.next(0);
	let rows = await from(slice.value ?? start.window.fromMs);
	if (rows.length >= enough || slice.value === start.window.fromMs) return { rows };
	const { scope: within, partial } = await budget.within(scope, query);
	while (rows.length < enough && (slice.value ?? 0) > within.window.fromMs) {
		slice = starts.next(rows.length / enough);
		rows = await from(Math.max(slice.value ?? 0, within.window.fromMs));
	}
	return rows.length >= enough ? { rows } : { rows, partial };
}

/** The rows of a page and where the next one begins, for which one row more is read. */
export async function readPage<Row extends PageRow>(
	budget: ReadBudget,
	{ what, scope, query, page }: Search,
	readerOf: (start: PageStart, scope: WindowScope) => ReadRows<Row>,
): Promise<{ rows: Row[]; rest: { nextCursor?: string; partial?: Partial } }> {
	const sliced = isSliced(query, page.sort);
	// The cursor of a page that was cut holds the window that it was cut to.
	const affordable = sliced || page.cursor !== undefined ? { scope } : await budget.within(scope, query);
	const start = startOfPage(what, affordable.scope, query, page);
	const pinned = { ...scope, window: start.window };
	const read = readerOf(start, pinned);
	const enough = page.limit + 1;
	const whole = () => read({ ...afterParameters(start), sliceFromMs: start.window.fromMs }, enough);
	const { rows: found, partial = affordable.partial } = sliced
		? await readSlices(budget, { start, scope: pinned, query, enough }, read)
		: { rows: await whole() };
	const rows = found.slice(0, page.limit);
	const last = found.length > page.limit ? rows.at(-1) : undefined;
	return {
		rows,
		rest: {
			...(last === undefined ? {} : { nextCursor: start.cursorAfter(last.sortKey, last.id) }),
			...(partial === undefined ? {} : { partial }),
		},
	};
}
