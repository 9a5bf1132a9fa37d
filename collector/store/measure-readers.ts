import type { ClickHouse } from './clickhouse.ts';
import { createMeasureReader } from './measure-reader.ts';
import type { MeasureReader } from './reader-types.ts';
import type { RedMarks } from './red-source.ts';
import { createSeriesReader } from './series-reader.ts';
import type { SeriesReader } from './series-reader.ts';

/** What is measured over the spans that a query finds. */
export interface MeasureReaders {
	measures: MeasureReader;
	series: SeriesReader;
}

export const createMeasureReaders = (clickhouse: ClickHouse, marks: () => RedMarks): MeasureReaders => ({
	measures: createMeasureReader(clickhouse, marks),
	series: createSeriesReader(clickhouse, marks),
});
