import type { Partial } from '../../../schema/api.ts';
import { looksAround } from '../../analysis/query-structures.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { Parameters } from '../engine/clickhouse.ts';
import { startOfPage } from './cursor.ts';
import type { PageStart } from './cursor.ts';
import type { Affordable, ReadBudget } from '../read-budget.ts';
import type { Page, WindowScope } from '../reader-types.ts';
import { sliceStarts } from './time-slices.ts';
import { ofSlice } from './trace-page.ts';

/**
 * Of more traces than this nearly every granule has one, by the filter at least, and to ask it for each of them takes longer than to read
 * the ids of all spans.
 */
export const boundedIndex = { use_index_for_in_with_subqueries_max_values: '2000' };

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

/** Rows that a query finds, in order, at most `limit`, of the window from `sliceFromMs` on. */
export type ReadRows<Row> = (query: CompiledQuery, parameters: Parameters, limit: number) => Promise<Row[]>;

function afterParameters({ after }: PageStart): Parameters {
	if (after === undefined) return {};
	const [afterTrace = '', afterSpan = '', afterTie = '0'] = after.id.split('.');
	return { afterKey: after.key, afterTrace, afterSpan, afterTie };
}

interface Slices {
	start: PageStart;
	query: CompiledQuery;
	/** The query for a slice; for all of the window it is `query`. */
	sliced: CompiledQuery;
	enough: number;
	/** What may be read. Asked when the first slice was too little. */
	within: () => Affordable<WindowScope> | Promise<Affordable<WindowScope>>;
}

/** From the newest slice back until there are enough. */
async function readSlices<Row>(
	{ start, query, sliced, enough, within }: Slices,
	read: ReadRows<Row>,
): Promise<{ rows: Row[]; partial?: Partial | undefined }> {
	const starts = sliceStarts(start.window, start.after?.key, query);
	const from = (sliceFromMs: number) =>
		read(sliceFromMs === start.window.fromMs ? query : sliced, { ...afterParameters(start), sliceFromMs }, enough);
	let slice = starts.next(0);
	let rows = await from(slice.value ?? start.window.fromMs);
	if (rows.length >= enough || slice.value === start.window.fromMs) return { rows };
	const { scope, partial } = await within();
	while (rows.length < enough && (slice.value ?? 0) > scope.window.fromMs) {
		slice = starts.next(rows.length / enough);
		rows = await from(Math.max(slice.value ?? 0, scope.window.fromMs));
	}
	return rows.length >= enough ? { rows } : { rows, partial };
}

/** The rows of a page and where the next one begins, for which one row more is read. */
export async function readPage<Row extends PageRow>(
	budget: ReadBudget,
	{ what, scope, query, page }: Search,
	readerOf: (start: PageStart, scope: WindowScope) => ReadRows<Row>,
): Promise<{ rows: Row[]; rest: { nextCursor?: string; partial?: Partial } }> {
	const sliced = page.sort === '-end' ? ofSlice(scope, query) : undefined;
	const isFree = sliced !== undefined && !looksAround(query);
	// The cursor of a page that was cut holds the window that it was cut to.
	const affordable = isFree || page.cursor !== undefined ? { scope } : await budget.within(scope, query);
	const start = startOfPage(what, affordable.scope, query, page);
	const pinned = { ...scope, window: start.window };
	const read = readerOf(start, pinned);
	const enough = page.limit + 1;
	const whole = () => read(query, { ...afterParameters(start), sliceFromMs: start.window.fromMs }, enough);
	const within = () => (isFree ? budget.within(pinned, query) : { scope: pinned });
	const { rows: found, partial = affordable.partial } =
		sliced === undefined ? { rows: await whole() } : await readSlices({ start, query, sliced, enough, within }, read);
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
