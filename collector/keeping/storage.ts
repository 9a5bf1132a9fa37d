import type { RetentionAnswer, StorageAnswer } from '../../schema/api-storage.ts';
import type { Partitions, Stretch } from '../store/keeping/partitions.ts';
import type { StorageReader } from '../store/keeping/storage-reader.ts';
import type { ReadScope, StatusReader } from '../store/reader-types.ts';
import type { Retention } from '../store/retention.ts';
import type { DiskLimit } from './disk-limit.ts';
import { expectedBytes, reachOf } from './reach.ts';

interface StorageParts {
	reader: StorageReader;
	partitions: Pick<Partitions, 'stretches'>;
	status: Pick<StatusReader, 'spans'>;
	disk: DiskLimit | undefined;
	/** As it is now. */
	retention: () => Retention;
	/** Unix milliseconds. */
	clock: () => number;
}

const dayMs = 86_400_000;
const measureEveryMs = 60_000;

export type ExpectedReach = Pick<StorageAnswer['retention'], 'expectedReachMs' | 'limitedBy'>;

/** How much is stored, of what, for how long, and what would be under another retention. */
export class Storage {
	readonly #parts: StorageParts;
	#expected: ExpectedReach | undefined;
	#expectedMs = -Infinity;

	constructor(parts: StorageParts) {
		this.#parts = parts;
	}

	async describe(scope: ReadScope): Promise<StorageAnswer> {
		const { reader, partitions, status, disk } = this.#parts;
		const [tables, stretches, spans] = await Promise.all([
			reader.tables(scope.signal),
			partitions.stretches(),
			status.spans(scope),
		]);
		const reach = this.#reach(stretches, spans.oldestMs);
		return {
			disk: disk?.state() ?? null,
			retention: reach,
			tables,
			...(await this.#shares(scope, spans.newestMs, reach.bytesPerDay)),
		};
	}

	/** How far spans will reach, as it was measured last; undefined before that. For who must not wait for ClickHouse. */
	expectedReach(): ExpectedReach | undefined {
		return this.#expected;
	}

	/** A step of a background loop: most of them do nothing. */
	async measureReach(): Promise<false> {
		const { partitions, disk, clock } = this.#parts;
		const isFresh = clock() - this.#expectedMs < measureEveryMs;
		// Before the limit has measured for the first time, all of the disk looks free.
		if (!isFresh && disk?.state().usedBytes.store !== 0) this.#reach(await partitions.stretches(), null);
		return false;
	}

	#reach(stretches: readonly Stretch[], oldestMs: number | null): StorageAnswer['retention'] {
		const { disk, retention, clock } = this.#parts;
		const reach = reachOf({ retention: retention(), stretches, disk: disk?.state(), oldestMs, nowMs: clock() });
		this.#expectedMs = clock();
		this.#expected = { expectedReachMs: reach.expectedReachMs, limitedBy: reach.limitedBy };
		return reach;
	}

	/** What the retention would do that differs from the present one in what is given. */
	async predict({ spansMs, derivedMs }: Partial<Retention>): Promise<RetentionAnswer> {
		const { reader, partitions, disk, clock } = this.#parts;
		const retention = this.#parts.retention();
		const nowMs = clock();
		const wanted = { spansMs: spansMs ?? retention.spansMs, derivedMs: derivedMs ?? retention.derivedMs };
		const [tooOld, stretches] = await Promise.all([reader.tooOld(wanted, nowMs), partitions.stretches()]);
		const state = disk?.state();
		const reach = reachOf({ retention: wanted, stretches, disk: state, oldestMs: null, nowMs });
		const bytes = expectedBytes(wanted, reach, state === undefined ? 0 : otherBytes(state.usedBytes, stretches));
		return { ...wanted, ...tooOld, expectedBytes: bytes, fits: state === undefined ? null : bytes <= state.maxBytes };
	}

	/** Of the day before the newest span, so that something is told of old data too. */
	async #shares(
		scope: ReadScope,
		newestMs: number | null,
		bytesPerDay: number,
	): Promise<Pick<StorageAnswer, 'sample' | 'services' | 'attributes'>> {
		if (newestMs === null) return { sample: null, services: [], attributes: [] };
		const window = { fromMs: newestMs - dayMs, toMs: newestMs + 1 };
		const { spans, of, services, attributes } = await this.#parts.reader.byteShares(scope, window);
		const inBytes = <Row extends { ratio: number }>(row: Row) => ({
			...row,
			bytesPerDay: Math.round(row.ratio * bytesPerDay),
		});
		return {
			sample: { window, spans, of },
			services: services.map(inBytes),
			attributes: attributes.map(inBytes),
		};
	}
}

/** Beside the tables that the retention is for. */
function otherBytes(used: ReturnType<DiskLimit['state']>['usedBytes'], stretches: readonly Stretch[]): number {
	const kept = stretches.reduce((sum, { bytes }) => sum + bytes, 0);
	return Math.max(0, used.store - kept) + used.spool + used.quarantine;
}
