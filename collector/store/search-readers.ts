import type { ClickHouse } from './clickhouse.ts';
import { createFacetReader } from './facet-reader.ts';
import type { FacetReader } from './facet-reader.ts';
import { createMeasureReader } from './measure-reader.ts';
import type { ReadBudget } from './read-budget.ts';
import type { MeasureReader, SearchReader } from './reader-types.ts';
import type { RedMarks } from './red-source.ts';
import { createSearchReader } from './search-reader.ts';
import { createSeriesReader } from './series-reader.ts';
import type { SeriesReader } from './series-reader.ts';

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
