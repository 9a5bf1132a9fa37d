import type { Log } from '../log.ts';
import { openAlertStore } from './alerts/alert-store.ts';
import type { AlertStore } from './alerts/alert-store.ts';
import { ClickHouseBatchSink } from './inserts/batch-sink.ts';
import type { ClickHouse } from './engine/clickhouse.ts';
import { DERIVED_TABLES } from './derived/derived-tables.ts';
import { Deriver } from './derived/deriver.ts';
import type { DeriverOptions } from './derived/deriver.ts';
import { InsertCounts } from './derived/insert-counts.ts';
import { writerIdentity } from './derived/writer-identity.ts';
import { BucketDeriver } from './buckets/bucket-deriver.ts';
import { derivationsOf } from './buckets/derivations.ts';
import type { EmbeddedServer, ServerState } from './engine/embedded-server.ts';
import { createPartitions } from './keeping/partitions.ts';
import type { Partitions } from './keeping/partitions.ts';
import { openPinnedTraces } from './keeping/pinned-traces.ts';
import type { PinnedTraces } from './keeping/pinned-traces.ts';
import { createStorageReader } from './keeping/storage-reader.ts';
import type { StorageReader } from './keeping/storage-reader.ts';
import { createProjectData } from './keeping/project-data.ts';
import type { ProjectData } from './keeping/project-data.ts';
import { createTraceDeletion } from './keeping/trace-deletion.ts';
import type { TraceDeletion } from './keeping/trace-deletion.ts';
import { LogSink } from './inserts/log-sink.ts';
import { LogWriter } from './inserts/log-writer.ts';
import type { Migration } from './engine/migrations.ts';
import { startMigrated } from './engine/start-migrated.ts';
import { openPeopleReaders, redMarksOf } from './people-readers.ts';
import type { PeopleReaders } from './people-readers.ts';
import type { StatusReader } from './reader-types.ts';
import { applyRetention } from './retention.ts';
import type { Retention } from './retention.ts';
import { connectReader, connectRemote } from './cluster/remote-server.ts';
import type { RemoteServer } from './cluster/remote-server.ts';
import { lockFolder, untilReady } from './engine/server-access.ts';
import { SpanWriter } from './inserts/span-writer.ts';
import { createStatusReader } from './status-reader.ts';
import { createFindingTable } from './issues/finding-table.ts';
import type { FindingTable, VariantTable } from './job-types.ts';
import { createVariantTable } from './issues/variant-table.ts';
import { createStateTable } from './state-table.ts';
import type { StateTable } from '../state/state-table.ts';

/** What of the collector's own metrics the store keeps. */
interface StoreMetrics {
	logsStored: { inc(records: number): void };
	insertDuration: { observe(seconds: number): void };
	queryDuration: { observe(seconds: number): void };
}

export interface StoreOptions {
	/** A server, or a cluster of them, that somebody runs; without it, one is hosted here. */
	remote?: RemoteServer;
	/** Where the embedded server has its data; one process at a time. */
	dataFolder: string;
	/** An identifier. */
	database: string;
	retentionMs: number;
	/** Of tables that are derived from spans. */
	derivedRetentionMs: number;
	/** Times to live are left as they are until `keeping.setRetention`: what is declared may differ from what is configured. */
	isRetentionLater?: boolean;
	/** For tests. */
	derive?: Partial<Pick<DeriverOptions, 'tables' | 'intervalMs' | 'maxSpans' | 'noteIntervalMs' | 'crash'>>;
	/** For tests: a bucket with more spans is derived in slices. */
	sliceSpans?: number;
	/** For tests: the program's own unless said. */
	migrations?: readonly Migration[];
	/** This program's version, noted with the schema. */
	program: string;
	log: Log;
	metrics?: StoreMetrics;
}

export interface Store extends AlertStore, PeopleReaders {
	kind: 'embedded' | 'remote';
	/** Of ClickHouse. */
	version: string;
	/** Of this data folder among all that write to the store; see writerIdentity. */
	identity: string;
	/** Stores at once: for those who have no spool. */
	writer: SpanWriter;
	/** What a spool drains to. */
	sink: ClickHouseBatchSink;
	/** The same for log records. */
	logWriter: LogWriter;
	logSink: LogSink;
	/** Makes the tables that follow from spans. */
	deriver: Deriver;
	status: StatusReader;
	/** What background jobs fill. */
	variantTable: VariantTable;
	findingTable: FindingTable;
	/** Where `collector/state/` keeps documents. */
	stateTable: StateTable;
	/** How long data stays: copies that outlive the others, deletions, room on the disk. */
	keeping: {
		/** Sets the times to live of all tables. Throws where a table doesn't say afterwards what was asked of it. */
		setRetention(retention: Retention): Promise<void>;
		pinned: PinnedTraces;
		deletion: TraceDeletion;
		partitions: Partitions;
		storage: StorageReader;
		projects: ProjectData;
	};
	/** Keeps what follows from whole stretches of spans in step with them, once it is started. */
	buckets: BucketDeriver;
	/** Whether the store can be reached, as far as is known without asking it. */
	state(): ServerState;
	/** Waits, bounded, for what is queued; then stops an embedded server and frees its folder. */
	close(): Promise<void>;
}

/** Resolves when the store takes inserts and answers reads. Throws `StoreOpenError` when it can't be opened. */
export async function openStore(options: StoreOptions): Promise<Store> {
	return options.remote === undefined ? openEmbedded(options) : openRemote(options, options.remote);
}

async function openEmbedded(options: StoreOptions): Promise<Store> {
	const lock = lockFolder(options.dataFolder);
	let server: EmbeddedServer | undefined;
	try {
		const { started, clickhouse } = await startMigrated(options);
		server = started;
		return await finish(options, clickhouse, {
			kind: 'embedded',
			state: () => (started.state().ready ? clickhouse.state() : started.state()),
			untilReady: () => untilReady(started),
			release: async () => {
				await started.stop();
				lock.release();
			},
		});
	} catch (error) {
		await server?.stop();
		lock.release();
		throw error;
	}
}

/** The folder is locked here too: two programs with one spool and one writer would each count the other's rows as its own. */
async function openRemote(options: StoreOptions, remote: RemoteServer): Promise<Store> {
	const lock = lockFolder(options.dataFolder);
	let clickhouse: ClickHouse | undefined;
	let people: ClickHouse | undefined;
	try {
		const connected = await connectRemote(remote, { ...options, queryDuration: options.metrics?.queryDuration });
		clickhouse = connected;
		people = await connectReader(connected, remote);
		return await finish(options, connected, {
			kind: 'remote',
			people,
			state: () => connected.state(),
			untilReady: () => Promise.resolve(),
			release: () => Promise.resolve(lock.release()),
		});
	} catch (error) {
		await people?.close();
		await clickhouse?.close();
		lock.release();
		throw error;
	}
}

interface Hosting {
	kind: Store['kind'];
	state(): ServerState;
	untilReady: () => Promise<void>;
	/** Who asks what people ask, where that is another user. */
	people?: ClickHouse;
	release(): Promise<void>;
}

/** What stores log records. */
function openLogs(
	clickhouse: ClickHouse,
	{ untilReady }: Hosting,
	{ metrics, log }: StoreOptions,
): Pick<Store, 'logSink' | 'logWriter'> {
	const logSink = new LogSink({
		clickhouse,
		untilReady,
		...(metrics === undefined ? {} : { logsStored: metrics.logsStored }),
	});
	return { logSink, logWriter: new LogWriter(logSink, log) };
}

interface KeepingParts {
	pinned: PinnedTraces;
	counts: InsertCounts;
	buckets: BucketDeriver;
	log: Log;
}

function openKeeping(clickhouse: ClickHouse, { pinned, counts, buckets, log }: KeepingParts): Store['keeping'] {
	const deletion = createTraceDeletion(clickhouse, (work) => buckets.betweenTwo(work));
	const partitions = createPartitions(clickhouse);
	const projects = createProjectData(clickhouse);
	return {
		projects: { drop: (project) => counts.deleting(() => projects.drop(project)) },
		setRetention: (retention) => applyRetention(clickhouse, retention, log),
		pinned,
		deletion: { ...deletion, erase: (project, id) => counts.deleting(() => deletion.erase(project, id)) },
		partitions: { ...partitions, drop: (stretch) => counts.deleting(() => partitions.drop(stretch)) },
		storage: createStorageReader(clickhouse),
	};
}

const bucketDeriver = (clickhouse: ClickHouse, { log, sliceSpans }: StoreOptions): BucketDeriver =>
	new BucketDeriver({
		clickhouse,
		derivations: derivationsOf(clickhouse),
		log,
		clock: Date.now,
		...(sliceSpans === undefined ? {} : { sliceSpans }),
	});

/** What is the same whoever runs the server. */
async function finish(options: StoreOptions, clickhouse: ClickHouse, hosting: Hosting): Promise<Store> {
	const { people = clickhouse } = hosting;
	const { retentionMs: spansMs, derivedRetentionMs: derivedMs, isRetentionLater = false, log } = options;
	if (!isRetentionLater) await applyRetention(clickhouse, { spansMs, derivedMs }, log);
	const identity = writerIdentity(options.dataFolder);
	const deriving = { clickhouse, writer: identity, tables: DERIVED_TABLES, log, isAlone: hosting.kind === 'embedded' };
	const deriver = await Deriver.open({ ...deriving, ...options.derive });
	const [server] = await clickhouse.rows<{ version: string }>('SELECT version() AS version', {});
	const counts = new InsertCounts({ commits: deriver.commits, isAlone: deriving.isAlone });
	const writing = {
		clickhouse,
		counts,
		untilReady: () => hosting.untilReady(),
		commits: deriver.commits,
		...(options.metrics === undefined ? {} : { metrics: options.metrics }),
	};
	const writer = new SpanWriter({ ...writing, log });
	const pinned = await openPinnedTraces(clickhouse);
	const logParts = openLogs(clickhouse, hosting, options);
	deriver.start();
	const buckets = bucketDeriver(clickhouse, options);
	return {
		kind: hosting.kind,
		version: server?.version ?? '',
		identity,
		writer,
		sink: new ClickHouseBatchSink(writing),
		...logParts,
		deriver,
		...openPeopleReaders({ people, clickhouse, pinned, deriver, counts, buckets, untilReady: writing.untilReady }),
		status: createStatusReader(clickhouse),
		variantTable: createVariantTable(clickhouse, identity, derivedMs),
		findingTable: createFindingTable(clickhouse, deriver, identity),
		...openAlertStore(clickhouse, people, () => redMarksOf(deriver), writing.untilReady, hosting.kind === 'remote'),
		stateTable: createStateTable(clickhouse, writing.untilReady, hosting.kind === 'remote'),
		buckets,
		keeping: openKeeping(clickhouse, { pinned, counts, buckets, log }),
		state: () => hosting.state(),
		close: async () => {
			await buckets.close();
			await writer.close();
			await logParts.logWriter.close();
			await deriver.stop();
			await people.close();
			await clickhouse.close();
			await hosting.release();
		},
	};
}
