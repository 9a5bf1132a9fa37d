import type { TargetPolicy } from '../outbound/address-policy.ts';
import type { SecretSources } from '../outbound/secret-reference.ts';
import type { Log } from '../log.ts';
import type { StateStore } from '../state/state-store.ts';
import { StoredDocuments } from './documents.ts';
import { fetchFolder } from './source/define-sources.ts';
import type { SourceSettings } from './source/define-sources.ts';
import { Sources } from './source/sources.ts';

interface DesiredParts {
	config: SourceSettings & { allowedTargets: TargetPolicy['allowed'] } & { targetPorts: readonly number[] } & {
		smtpPorts: readonly number[];
	};
	state: StateStore;
	dataFolder: string;
	secrets: SecretSources;
	/** The project that the settings' sources belong to. */
	project: string;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
}

/** What is declared, and the sources that keep it so. */
export interface Desired {
	documents: StoredDocuments;
	sources: Sources;
}

/** Begins to follow the sources at once. */
export function openDesired({ config, dataFolder, secrets, ...parts }: DesiredParts): Desired {
	const { state, log } = parts;
	const report = (message: string) => log.warn({ problem: message }, 'configuration');
	const isSource = (project: string, name: string): boolean => sources.has(project, name);
	const documents = new StoredDocuments({ state, isSource, report });
	const policy = { allowed: config.allowedTargets, ports: config.targetPorts, smtpPorts: config.smtpPorts };
	const folder = fetchFolder(dataFolder);
	const sources = new Sources({ ...parts, settings: config, documents, policy, secrets, folder });
	sources.start();
	return { documents, sources };
}
