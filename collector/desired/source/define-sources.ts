import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { allowedAddresses, systemResolve } from '../../outbound/allowed-addresses.ts';
import type { TargetPolicy } from '../../outbound/address-policy.ts';
import { resolveSecrets } from '../../outbound/secret-reference.ts';
import type { SecretSources } from '../../outbound/secret-reference.ts';
import { checkPort, checkTarget } from '../../outbound/target-url.ts';
import { messageOf } from '../../problem.ts';
import type { DeclaredDocument } from '../documents.ts';
import { durationMs } from '../durations.ts';
import { createFolderReader } from './folder-reader.ts';
import { createGitReader } from './git-reader.ts';
import { checkPlace, repositoryAddress } from './repository-address.ts';
import type { RepositoryAddress } from './repository-address.ts';
import type { SourceDefinition } from './source-definition.ts';
import { SourceError } from './source-reader.ts';
import type { SourceReader } from './source-reader.ts';

/** Sources that the settings of this process declare. */
export interface SourceSettings {
	configDir: string;
	configRepo: { repository: string; branch: string; path: string } | undefined;
	configCredentials: string;
	configWebhookSecret: string;
}

export interface SourceSurroundings {
	/** Where repositories may lie for the moment of reading. */
	folder: string;
	secrets: SecretSources;
	policy: TargetPolicy;
}

/** How often a folder is looked at: links that are swapped, and folders of a network, tell nobody. */
const folderEveryMs = 1_000;
const repositoryEveryMs = 30_000;

/** Sources of the settings belong to one project. */
export function settingSources(
	{ configDir, configRepo, configCredentials, configWebhookSecret }: SourceSettings,
	surroundings: SourceSurroundings,
	project: string,
): SourceDefinition[] {
	const given = (value: string) => async () => (value === '' ? undefined : value);
	const sources: SourceDefinition[] = [];
	if (configDir !== '') {
		sources.push({
			project,
			name: 'config-dir',
			type: 'folder',
			location: configDir,
			declaredIn: 'SPANHOUSE_CONFIG_DIR',
			everyMs: folderEveryMs,
			webhookSecret: given(''),
			reader: createFolderReader(configDir),
			fingerprint: 'setting',
		});
	}
	if (configRepo === undefined) return sources;
	const { env } = surroundings.secrets;
	const credentials = given(configCredentials);
	sources.push({
		project,
		name: 'config-repo',
		type: 'git',
		location: locationOf(configRepo),
		declaredIn: 'SPANHOUSE_CONFIG_REPO',
		everyMs: repositoryEveryMs,
		webhookSecret: given(configWebhookSecret),
		reader: createGitReader({ ...configRepo, folder: surroundings.folder, credentials, addresses: undefined, env }),
		fingerprint: 'setting',
	});
	return sources;
}

/**
 * A source that a document declares. Whoever can write through the API, or push to a repository, must not make this process
 * read its own disk or reach into its network: `isTrusted` says that the document lies in a folder of this machine.
 */
export function documentSource(
	declared: DeclaredDocument<'Source'>,
	project: string,
	isTrusted: boolean,
	surroundings: SourceSurroundings,
): SourceDefinition {
	const { metadata, spec } = declared.document;
	const { folder, repository = '', branch, path, every, credentials, webhookSecret } = spec;
	const { origin } = declared;
	return {
		project,
		name: metadata.name,
		type: folder === undefined ? 'git' : 'folder',
		location: folder ?? locationOf({ repository, branch, path }),
		declaredIn: origin === undefined ? `Source ${metadata.name}` : `${origin.source}: ${origin.file}`,
		everyMs: durationMs(every),
		webhookSecret: () => referred(webhookSecret, surroundings.secrets),
		reader: readable(() => {
			if (!isTrusted) checkRemote(folder, repository);
			if (folder !== undefined) return createFolderReader(folder);
			checkPlace({ branch, path });
			return createGitReader({
				repository,
				branch,
				path,
				folder: surroundings.folder,
				credentials: () => referred(credentials, surroundings.secrets),
				addresses: isTrusted ? undefined : (address) => checkedAddresses(address, surroundings.policy),
				env: surroundings.secrets.env,
			});
		}),
		fingerprint: createHash('sha256')
			.update(JSON.stringify([spec, isTrusted]))
			.digest('hex'),
	};
}

function checkRemote(folder: string | undefined, repository: string): void {
	if (folder === undefined && repositoryAddress(repository).protocol !== 'file') return;
	throw new Error('a repository elsewhere: folders of this machine are declared by SPANHOUSE_CONFIG_DIR and in it');
}

/** A source that can't be read as it is declared says so each time, like one that can't be reached. */
function readable(create: () => SourceReader): SourceReader {
	try {
		return create();
	} catch (error) {
		return { read: () => Promise.reject(new SourceError('refused', `expected ${messageOf(error)}`)) };
	}
}

const locationOf = ({ repository, branch, path }: { repository: string; branch: string; path: string }): string =>
	`${repository}#${branch}:${path}`;

async function referred(text: string | undefined, secrets: SecretSources): Promise<string | undefined> {
	if (text === undefined) return undefined;
	try {
		return await resolveSecrets(text, secrets);
	} catch (error) {
		throw new SourceError('unavailable', messageOf(error));
	}
}

async function checkedAddresses(address: RepositoryAddress, policy: TargetPolicy): Promise<string[]> {
	const { url, protocol, host, port = 22 } = address;
	try {
		if (protocol === 'ssh') checkPort(port, [22, ...policy.ports], 'SPANHOUSE_TARGET_PORTS, or 22');
		else checkTarget(url, policy);
		const reach = { policy, resolve: systemResolve, isPlain: protocol === 'http' };
		return (await allowedAddresses(host, reach)).map((found) => found.address);
	} catch (error) {
		throw new SourceError('refused', messageOf(error));
	}
}

/** Where repositories are read, below the folder of data. */
export const fetchFolder = (dataFolder: string): string => join(dataFolder, 'config');
