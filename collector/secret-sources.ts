import { SETTINGS } from './config.ts';
import type { SecretSources } from './outbound/secret-reference.ts';
import type { Setting } from './settings.ts';

/** What documents may refer to by `${env:…}` and `${file:…}`: anything but the secrets and the data of this program. */
export function secretSources(env: SecretSources['env'], dataFolder: string): SecretSources {
	const secrets = Object.values<Setting<unknown>>(SETTINGS).filter(({ secret }) => secret === true);
	return { env, reserved: new Set(secrets.map(({ variable }) => variable)), reservedFolders: [dataFolder] };
}
