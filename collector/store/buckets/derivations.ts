import type { ClickHouse } from '../engine/clickhouse.ts';
import type { Derivation } from './derivation.ts';
import { QUERY_REPEATS } from './query-repeats-sql.ts';
import { SERVICE_EDGES } from './service-edges-sql.ts';
import { SLOWEST_TRACES } from './slowest-traces-sql.ts';

/** Every table that is made of whole buckets. Of several shards nobody reads the slowest traces from theirs. */
export const derivationsOf = ({ shards }: ClickHouse): readonly Derivation[] => [
	SERVICE_EDGES,
	QUERY_REPEATS,
	...(shards.length > 1 ? [] : [SLOWEST_TRACES]),
];
