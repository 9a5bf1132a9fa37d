/** Queries whose slowest spans and traces are sought in few stretches of the window, what matches them, and their pages. */
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { Page } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { isEntry } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { serviceOf } from '../store/oracle.ts';

export const slowestQueries: Readonly<Record<string, (span: PlainSpan) => boolean>> = {
	'': () => true,
	'service:cart': ({ resource }) => resource?.service === 'cart',
	'service:shop/cart error:true': (span) => serviceOf(span) === 'shop/cart' && span.error === true,
	'service!=cart': ({ resource }) => resource?.service !== 'cart',
	'namespace:shop entry:true': (span) => span.resource?.namespace === 'shop' && isEntry(span),
	'env:production OR version:1.*': ({ resource }) =>
		resource?.environment === 'production' || resource?.version?.startsWith('1.') === true,
};

export function compiled(q: string): CompiledQuery {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') throw new Error(`${q}: ${parsed.message}`);
	const query = compileQuery(parsed.query);
	if ('kind' in query) throw new Error(query.message);
	return query;
}

/** Ids of what is longest, page by page, until there are so many. */
export async function pagesOf(
	read: (page: Page) => Promise<{ ids: string[]; nextCursor?: string | undefined }>,
	limit: number,
	most: number,
): Promise<string[]> {
	const shown: string[] = [];
	let cursor: string | undefined;
	do {
		const found = await read({ sort: '-duration', limit, ...(cursor === undefined ? {} : { cursor }) });
		shown.push(...found.ids);
		cursor = found.nextCursor;
	} while (cursor !== undefined && shown.length < most);
	return shown;
}

/** Queries that are asked where all of them would take long. */
export const someQueries = ['', 'service:shop/cart error:true'];

/** The first rows of some queries, page by page, and what they should be. */
export async function firstRows(
	qs: readonly string[],
	most: number,
	{
		pages,
		expected,
	}: {
		pages: (query: CompiledQuery, limit: number, most: number) => Promise<string[]>;
		expected: (matches: (span: PlainSpan) => boolean) => string[];
	},
) {
	const shown: Record<string, string[]> = {};
	const should: Record<string, string[]> = {};
	for (const q of qs) {
		shown[q] = await pages(compiled(q), 7, most);
		should[q] = expected(slowestQueries[q]!).slice(0, most);
	}
	return { shown, should };
}
