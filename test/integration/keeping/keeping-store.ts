/** What the tests of keeping and deleting need: the tables themselves, and time and background work in their own hands. */
import { randomUUID } from 'node:crypto';
import { silentLog } from '../../../collector/log.ts';
import { StateStore } from '../../../collector/state/state-store.ts';
import { DERIVED_TABLES } from '../../../collector/store/derived/derived-tables.ts';
import { Deriver } from '../../../collector/store/derived/deriver.ts';
import { createPartitions } from '../../../collector/store/keeping/partitions.ts';
import { openPinnedTraces } from '../../../collector/store/keeping/pinned-traces.ts';
import { createTraceDeletion } from '../../../collector/store/keeping/trace-deletion.ts';
import { createLogReader } from '../../../collector/store/traces/log-reader.ts';
import { LogSink } from '../../../collector/store/inserts/log-sink.ts';
import { LogWriter } from '../../../collector/store/inserts/log-writer.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { createStateTable } from '../../../collector/store/state-table.ts';
import { createTraceReader } from '../../../collector/store/traces/trace-reader.ts';
import { createVariantTable } from '../../../collector/store/issues/variant-table.ts';
import { throwAwayTables } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

export async function openKeepingStore() {
	const { clickhouse, close } = await throwAwayTables();
	const writer = randomUUID();
	const deriver = await Deriver.open({ clickhouse, writer, tables: DERIVED_TABLES, log: silentLog, intervalMs: 1e9 });
	const untilReady = () => Promise.resolve();
	const spans = new SpanWriter({ clickhouse, untilReady, commits: deriver.commits });
	const logs = new LogWriter(new LogSink({ clickhouse, untilReady }));
	const pinned = await openPinnedTraces(clickhouse);
	return {
		clickhouse,
		deriver,
		pinned,
		deletion: createTraceDeletion(clickhouse),
		partitions: createPartitions(clickhouse),
		traces: createTraceReader(clickhouse, pinned),
		logReader: createLogReader(clickhouse, pinned),
		logs,
		variantTable: createVariantTable(clickhouse, writer, 90 * 86_400_000),
		state: await StateStore.open({ table: createStateTable(clickhouse, untilReady), clock: Date.now }),
		write: (some: readonly PlainSpan[], project = 'default') => spans.append(spanBlock(some, project)),
		count: async (table: string, where = '1') =>
			(await clickhouse.rows<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${where}`, {}))[0]!.n,
		close: async () => {
			await spans.close();
			await logs.close();
			await deriver.stop();
			await close();
		},
	};
}
