import type { Projects } from './access/projects.ts';
import { compiledQuery, readQuery } from './api/compiled-query.ts';
import type { Config } from './config.ts';
import type { StoredDocuments } from './desired/documents.ts';
import { diskOf } from './disk.ts';
import { erasingUpgradeCopy } from './erasable-intake.ts';
import type { IngestStatus } from './ingest-status.ts';
import type { Intake } from './intake.ts';
import { BackgroundLoop } from './jobs/background-loop.ts';
import { Deletions } from './keeping/deletions.ts';
import type { ForgetTold } from './keeping/deletions.ts';
import { DiskLimit } from './keeping/disk-limit.ts';
import { Pins } from './keeping/pins.ts';
import { ProjectDrops } from './keeping/project-drops.ts';
import { Storage } from './keeping/storage.ts';
import type { Log } from './log.ts';
import type { Retention } from './store/retention.ts';
import { dropUpgradeCopy, upgradeCopyLimits } from './store/engine/upgrade-copy.ts';
import type { StateStore } from './state/state-store.ts';
import type { Store } from './store/store.ts';

interface KeepingParts {
	config: Config;
	dataFolder: string;
	store: Store;
	intake: Intake;
	state: StateStore;
	ingest: IngestStatus;
	/** What tells of alerts. */
	alerts: { notify: { outbox: { forgetTraces: ForgetTold } }; forgetProject(project: string): Promise<void> };
	/** How long data stays now. */
	retention: { current(): Retention; step(): Promise<boolean> };
	documents: StoredDocuments;
	projects: Projects;
	log: Log;
}

/** What decides how long data stays, beside the time to live of the tables. */
export interface Keeping {
	pins: Pins;
	deletions: Deletions;
	/** What the limit of the disk does; undefined where the store is elsewhere. */
	disk: DiskLimit | undefined;
	storage: Storage;
	/** Begins to drop what is stored of projects that were closed. */
	dropProject: () => void;
	/** The intake, as long as the disk has room. */
	append: Intake['append'];
	appendLogs: Intake['append'];
	close(): Promise<void>;
}

export function startKeeping(parts: KeepingParts): Keeping {
	const { config, dataFolder, store, intake, state, ingest, alerts, log } = parts;
	const clock = Date.now;
	const { pinned, partitions } = store.keeping;
	const pins = new Pins({ state, traces: pinned, bytesOnDisk: () => partitions.pinnedBytes(), clock });
	const erasable = store.kind === 'remote' ? intake.erasable : erasingUpgradeCopy(intake.erasable, dataFolder, log);
	const deletions = new Deletions({
		state,
		traces: store.keeping.deletion,
		pins,
		intake: { ...erasable, forgetSamples: () => ingest.forgetSamples() },
		forgetTold: (project, traceIds) => alerts.notify.outbox.forgetTraces(project, traceIds),
		settleDerived: (timeoutMs) => store.deriver.settle(timeoutMs),
		compile: (q) => compiledQuery(readQuery(q)),
		own: store.identity,
		log,
		clock,
	});
	const disk =
		store.kind === 'remote'
			? undefined
			: new DiskLimit({
					partitions,
					beside: intake.bytesOnDisk,
					disk: () => diskOf(dataFolder),
					maxBytes: config.maxDiskBytes,
					log,
					clock,
				});
	const storage = new Storage({
		reader: store.keeping.storage,
		partitions,
		status: store.status,
		disk,
		retention: () => parts.retention.current(),
		clock,
	});
	const drops = openProjectDrops(parts, erasable, clock);
	const loops = [
		...(disk === undefined ? [] : ofEmbedded(parts, disk)),
		new BackgroundLoop({ name: 'retention', step: () => parts.retention.step(), intervalMs: 2_000, log }),
		new BackgroundLoop({ name: 'reach of spans', step: () => storage.measureReach(), intervalMs: 5_000, log }),
		new BackgroundLoop({ name: 'pinned traces', step: () => pins.step(), intervalMs: 60_000, log }),
		new BackgroundLoop({ name: 'dropped projects', step: () => drops.step(), intervalMs: 15_000, log }),
		new BackgroundLoop({ name: 'deletions', step: () => deletions.step(), intervalMs: 15_000, log }),
	];
	for (const loop of loops) loop.start();
	return {
		pins,
		deletions,
		disk,
		storage,
		dropProject: () => drops.hurry(),
		append: whileThereIsRoom(intake.append, disk),
		appendLogs: whileThereIsRoom(intake.appendLogs, disk),
		close: async () => {
			await Promise.all(loops.map((loop) => loop.stop()));
		},
	};
}

/** What is kept within bounds where the store lies here. */
function ofEmbedded({ dataFolder, config, log }: KeepingParts, disk: DiskLimit): BackgroundLoop[] {
	const dropCopy = async (): Promise<boolean> => {
		await dropUpgradeCopy(dataFolder, upgradeCopyLimits(diskOf(dataFolder), config.maxDiskBytes, Date.now()), log);
		return false;
	};
	return [
		new BackgroundLoop({ name: 'disk limit', step: () => disk.step(), intervalMs: 10_000, log }),
		new BackgroundLoop({ name: 'copy before the upgrade', step: dropCopy, intervalMs: 600_000, log }),
	];
}

const openProjectDrops = (
	{ projects, state, documents, store, ingest, alerts, log }: KeepingParts,
	erasable: Intake['erasable'],
	clock: () => number,
) =>
	new ProjectDrops({
		projects,
		state,
		documents,
		data: store.keeping.projects,
		pinned: store.keeping.pinned,
		intake: erasable,
		forgetProject: async (name) => {
			ingest.forgetProject(name);
			await alerts.forgetProject(name);
		},
		settleDerived: (timeoutMs) => store.deriver.settle(timeoutMs),
		clock,
		log,
	});

const whileThereIsRoom =
	(append: Intake['append'], disk: DiskLimit | undefined): Intake['append'] =>
	async (block, fingerprint) => {
		disk?.checkRoom();
		return append(block, fingerprint);
	};
