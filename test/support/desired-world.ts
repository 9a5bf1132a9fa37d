import { StoredDocuments } from '../../collector/desired/documents.ts';
import { Sources } from '../../collector/desired/source/sources.ts';
import type { SourceSettings } from '../../collector/desired/source/define-sources.ts';
import { silentLog } from '../../collector/log.ts';
import { StateStore } from '../../collector/state/state-store.ts';
import { MemoryTable } from './memory-table.ts';

interface WorldOptions {
	settings?: Partial<SourceSettings>;
	/** Where repositories may be read. */
	folder?: string;
	env?: Record<string, string>;
	clock?: () => number;
	state?: StateStore;
}

const noSettings: SourceSettings = {
	configDir: '',
	configRepo: undefined,
	configCredentials: '',
	configWebhookSecret: '',
};

/** Documents and sources on a state store in memory. Loops don't run by themselves until `sources.start()`. */
export async function desiredWorld({ settings, folder = '/nowhere', env = {}, ...options }: WorldOptions = {}) {
	const clock = options.clock ?? Date.now;
	const state = options.state ?? (await StateStore.open({ table: new MemoryTable(), clock }));
	const isSource = (project: string, name: string): boolean => sources.has(project, name);
	const documents = new StoredDocuments({ state, isSource, report: () => {} });
	const sources = new Sources({
		settings: { ...noSettings, ...settings },
		folder,
		secrets: { env: { ...process.env, ...env }, reserved: new Set(), reservedFolders: [] },
		policy: { allowed: [], ports: [443], smtpPorts: [] },
		project: 'default',
		documents,
		state,
		clock,
		log: silentLog,
	});
	return { state, documents, sources };
}
