import type { EvaluatorBeats } from './alert-types.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';

/** By the server's clock alone. */
const QUIET = `
	SELECT count() AS beats, max(is_last) AS isLast, toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(max(time)) AS quietMs
	FROM evaluator_beats WHERE epoch = {epoch:UInt32}`;

export function createEvaluatorBeats({ home: clickhouse }: ClickHouse): EvaluatorBeats {
	return {
		beat: (epoch, isLast) =>
			clickhouse.insert('evaluator_beats (epoch, is_last)', 'JSONEachRow', [
				Buffer.from(JSON.stringify({ epoch, is_last: isLast ? 1 : 0 })),
			]),
		async quietMs(epoch) {
			const [row] = await clickhouse.rows<{ beats: number; isLast: number; quietMs: number }>(QUIET, { epoch });
			return row === undefined || row.beats === 0 || row.isLast === 1 ? Infinity : row.quietMs;
		},
	};
}
