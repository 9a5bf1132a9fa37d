import type { LogBlock } from '../schema/log-block.ts';
import type { SpanBlock } from '../schema/span-block.ts';
import type { ErasableIntake } from './keeping/deletions.ts';
import type { Log } from './log.ts';
import type { Spool } from './spool/spool.ts';
import type { Store } from './store/store.ts';
import { removeUpgradeCopy } from './store/engine/upgrade-copy.ts';

type Erasable = Omit<ErasableIntake, 'forgetSamples'>;

const releaseMs = 5_000;
const idBytes = 16;

/** What waits in spools for ClickHouse, or was set aside there. */
export const erasableSpools = (spans: Spool, logs: Spool<LogBlock>): Erasable => ({
	storedUpToMs: () => Math.min(spans.state().storedUpToMs, logs.state().storedUpToMs),
	releaseStored: async () => void (await Promise.all([spans.release(releaseMs), logs.release(releaseMs)])),
	removeSetAside: async (traceIds) =>
		bothOf(
			await spans.removeSetAside((block) => hasSpanOf(block, traceIds)),
			await logs.removeSetAside(({ records }) => records.some(({ traceId }) => traceIds.has(traceId))),
		),
	removeSetAsideOf: async (project) =>
		bothOf(
			await spans.removeSetAside((block) => block.project === project),
			await logs.removeSetAside((block) => block.project === project),
		),
});

/** Where the store lies here, what is deleted must not rest in the copy from before an upgrade either. */
export const erasingUpgradeCopy = (erasable: Erasable, dataFolder: string, log: Log): Erasable => ({
	...erasable,
	async releaseStored() {
		await erasable.releaseStored();
		removeUpgradeCopy(dataFolder, 'data was deleted', log);
	},
});

type Removed = Awaited<ReturnType<Spool['removeSetAside']>>;

const bothOf = (ofSpans: Removed, ofLogs: Removed): Removed => ({
	records: ofSpans.records + ofLogs.records,
	spans: ofSpans.spans,
	unreadable: ofSpans.unreadable + ofLogs.unreadable,
});

function hasSpanOf({ rows, traceId }: SpanBlock, traceIds: ReadonlySet<string>): boolean {
	const ids = Buffer.from(traceId.buffer, traceId.byteOffset, traceId.byteLength);
	for (let row = 0; row < rows; row += 1)
		if (traceIds.has(ids.toString('hex', row * idBytes, (row + 1) * idBytes))) return true;
	return false;
}

/** Nothing rests on the disk here. */
export const erasableWriters = ({ writer, logWriter }: Pick<Store, 'writer' | 'logWriter'>): Erasable => ({
	storedUpToMs: () => (logWriter.queuedRows === 0 ? writer.watermarkMs() : 0),
	releaseStored: async () => {},
	removeSetAside: async () => ({ records: 0, spans: 0, unreadable: 0 }),
	removeSetAsideOf: async () => ({ records: 0, spans: 0, unreadable: 0 }),
});
