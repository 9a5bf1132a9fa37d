import { DEFAULT_PROJECT } from '../schema/project.ts';
import type { Config } from './config.ts';
import { openDesired } from './desired/open-desired.ts';
import type { Desired } from './desired/open-desired.ts';
import type { Log } from './log.ts';
import type { SecretSources } from './outbound/secret-reference.ts';
import { secretSources } from './secret-sources.ts';
import type { StateStore } from './state/state-store.ts';

interface DesiredParts {
	config: Config;
	env: SecretSources['env'];
	state: StateStore;
	dataFolder: string;
	log: Log;
}

/** Joins what is declared with the settings, and begins to follow its sources. */
export function startDesired({ env, dataFolder, ...parts }: DesiredParts): Desired {
	const secrets = secretSources(env, dataFolder);
	return openDesired({ ...parts, dataFolder, secrets, project: DEFAULT_PROJECT, clock: Date.now });
}
