import type { ClickHouse } from './engine/clickhouse.ts';
import { createFacetReader } from './search/facet-reader.ts';
import type { FacetReader } from './search/facet-reader.ts';
import { createMeasureReader } from './counts/measure-reader.ts';
import type { ReadBudget } from './read-budget.ts';
import type { MeasureReader, SearchReader } from './reader-types.ts';
import type { RedMarks } from './counts/red-source.ts';
import { createSearchReader } from './search/search-reader.ts';
import { createSeriesReader } from './counts/series-reader.ts';
import type { SeriesReader } from './counts/series-reader.ts';

/** The spans that a query finds, and what is measured over them. */
export interface SearchReaders {
	search: SearchReader;
	measures: MeasureReader;
	series: SeriesReader;
	facets: FacetReader;
}

export const createSearchReaders = (
	clickhouse: ClickHouse,
	marks: () => RedMarks,
	budget: ReadBudget,
): SearchReaders => ({
	search: createSearchReader(clickhouse, budget),
	measures: createMeasureReader(clickhouse, marks, budget),
	series: createSeriesReader(clickhouse, marks, budget),
	facets: createFacetReader(clickhouse, budget),
});
