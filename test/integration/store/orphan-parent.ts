/** A collector as far as its store: opens it, says so, and waits to be killed. Arguments: data folder. */
import { openStore } from '../../../collector/store/store.ts';
import { storeOptions } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';

const [, , dataFolder = ''] = process.argv;
const store = await openStore(storeOptions(dataFolder));
const nowNano = BigInt(Date.now()) * 1_000_000n;
await store.writer.append(
	spanBlock([{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startUnixNano: nowNano, endUnixNano: nowNano }]),
);
process.send?.('open');
