import { bucketOf } from '../../../schema/histogram.ts';
import { SPAN_KINDS } from '../../../schema/span.ts';
import type { SpanKind } from '../../../schema/span.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { ofService } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';
import { redSource } from './red-source.ts';
import type { RedMarks, RedQuestion } from './red-source.ts';

/** What a duration is compared with, and the duration. */
export interface RankQuestion extends ServiceName {
	operation: string;
	kind: SpanKind;
	durationNano: number;
}

/** Weighted by sampling, but for `spans`. `quicker`: those in lower buckets of schema/histogram.ts. */
interface Rank {
	requests: number;
	spans: number;
	quicker: number;
}

export interface SpanRankReader {
	rank(scope: WindowScope, question: RankQuestion): Promise<Rank>;
}

const RANK = (rows: string) => `
	SELECT sum(requests) AS requests, sum(spans) AS spans,
		sum(arraySum((bucket, n) -> if(bucket < {ownBucket:Int16}, n, 0), buckets, bucket_requests)) AS quicker
	FROM (SELECT * FROM (${rows}))`;

export function createSpanRankReader(clickhouse: ClickHouse, marks: () => RedMarks): SpanRankReader {
	return {
		async rank(scope, { operation, kind, durationNano, ...service }) {
			const question: RedQuestion = {
				scope,
				where: `${ofService(service)} AND operation = {operation:String} AND kind = {kind:UInt8}`,
				parameters: { ...service, operation, kind: SPAN_KINDS.indexOf(kind), ownBucket: bucketOf(durationNano) },
				stepMs: 60_000,
			};
			const { rows, parameters } = redSource(question, marks());
			const [rank] = await clickhouse.rows<Rank>(RANK(rows), parameters, scope.signal);
			return rank ?? { requests: 0, spans: 0, quicker: 0 };
		},
	};
}
