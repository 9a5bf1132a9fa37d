import { text } from '../../settings.ts';
import type { Setting } from '../../settings.ts';
import { repositorySetting } from './repository-address.ts';

const configDir: Setting<string> = {
	variable: 'SPANHOUSE_CONFIG_DIR',
	flag: 'config-dir',
	default: '',
	help: 'folder of YAML that declares alerts, objectives, channels; read again whenever it changes',
	read: text,
};
const configRepo: Setting<ReturnType<typeof repositorySetting>> = {
	variable: 'SPANHOUSE_CONFIG_REPO',
	flag: 'config-repo',
	default: '',
	help: 'git repository that declares them, as URL#branch:path; looked at every 30 s',
	read: repositorySetting,
};
const configCredentials: Setting<string> = {
	variable: 'SPANHOUSE_CONFIG_CREDENTIALS',
	default: '',
	help: 'user:password or token for that repository, over https',
	secret: true,
	read: text,
};
const configWebhookSecret: Setting<string> = {
	variable: 'SPANHOUSE_CONFIG_WEBHOOK_SECRET',
	default: '',
	help: 'signs requests that tell of a push to that repository',
	secret: true,
	read: text,
};

/** Settings of where configuration comes from. */
export const CONFIG_SETTINGS = { configDir, configRepo, configCredentials, configWebhookSecret } as const;
