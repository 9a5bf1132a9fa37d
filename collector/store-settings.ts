import { identifier, list, optionalUrl, text } from './settings.ts';
import type { Setting } from './settings.ts';
import type { StoreOptions } from './store/store.ts';

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** One URL, or one for each server of a cluster, comma-separated. */
function optionalUrls(value: string): readonly string[] | undefined {
	const urls = list(value);
	for (const url of urls) optionalUrl(url);
	return urls.length === 0 ? undefined : urls;
}

/** Which ClickHouse, where it isn't the embedded one. */
export const CLICKHOUSE_SETTINGS = {
	clickhouseUrl: setting({
		variable: 'CLICKHOUSE_URL',
		flag: 'clickhouse-url',
		default: '',
		help: 'a ClickHouse server to use instead of the embedded one; of a cluster, one server or one of each shard, comma-separated',
		read: optionalUrls,
	}),
	clickhouseCluster: setting({
		variable: 'CLICKHOUSE_CLUSTER',
		flag: 'clickhouse-cluster',
		default: '',
		help: 'the cluster to spread the tables over, as remote_servers of those servers names it',
		read: (value) => (value === '' ? undefined : identifier(value)),
	}),
	clickhouseUser: setting({
		variable: 'CLICKHOUSE_USER',
		flag: 'clickhouse-user',
		default: 'default',
		help: 'its user',
		read: text,
	}),
	clickhousePassword: setting({
		variable: 'CLICKHOUSE_PASSWORD',
		default: '',
		help: 'its password',
		secret: true,
		read: text,
	}),
	clickhouseReadUser: setting({
		variable: 'CLICKHOUSE_READ_USER',
		flag: 'clickhouse-read-user',
		default: '',
		help: 'another user of it, for what people read',
		read: text,
	}),
	clickhouseReadPassword: setting({
		variable: 'CLICKHOUSE_READ_PASSWORD',
		default: '',
		help: "that user's password",
		secret: true,
		read: text,
	}),
	clickhouseDatabase: setting({
		variable: 'CLICKHOUSE_DATABASE',
		flag: 'clickhouse-database',
		default: 'spanhouse',
		help: 'its database',
		read: identifier,
	}),
} as const;

type ClickHouseConfig = {
	readonly [Name in keyof typeof CLICKHOUSE_SETTINGS]: ReturnType<(typeof CLICKHOUSE_SETTINGS)[Name]['read']>;
};

type Servers = Pick<
	ClickHouseConfig,
	'clickhouseUrl' | 'clickhouseCluster' | 'clickhouseReadUser' | 'clickhouseReadPassword'
>;

/** What is wrong with the settings together. */
export function checkClickHouse(config: Servers): string[] {
	const { clickhouseUrl: urls, clickhouseCluster: cluster, clickhouseReadUser: reader } = config;
	// Otherwise whoever meant to have two users would have one without noticing.
	if (reader !== '' && urls === undefined) return ['CLICKHOUSE_READ_USER needs CLICKHOUSE_URL beside it'];
	if (reader === '' && config.clickhouseReadPassword !== '')
		return ['CLICKHOUSE_READ_PASSWORD needs CLICKHOUSE_READ_USER beside it'];
	if (cluster !== undefined && urls === undefined) return ['CLICKHOUSE_CLUSTER needs CLICKHOUSE_URL beside it'];
	if (cluster === undefined && urls !== undefined && urls.length > 1)
		return [
			`CLICKHOUSE_URL names ${urls.length} servers; with more than one, CLICKHOUSE_CLUSTER says of which cluster`,
		];
	return [];
}

/** What `openStore` wants of it: nothing for the embedded engine. */
export function remoteServer(config: ClickHouseConfig): Pick<StoreOptions, 'remote'> {
	const {
		clickhouseUrl: urls,
		clickhouseCluster: name,
		clickhouseUser: username,
		clickhousePassword: password,
		clickhouseReadUser: reader,
		clickhouseReadPassword: readPassword,
	} = config;
	const [url] = urls ?? [];
	if (urls === undefined || url === undefined) return {};
	return {
		remote: {
			url,
			username,
			password,
			...(reader === '' ? {} : { reader: { username: reader, password: readPassword } }),
			...(name === undefined ? {} : { cluster: { name, urls } }),
		},
	};
}
