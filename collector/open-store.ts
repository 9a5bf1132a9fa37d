import type { Config } from './config.ts';
import type { Log } from './log.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { remoteServer } from './store-settings.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';

/** The store that the settings name: ClickHouse elsewhere, or one of our own in the data folder. */
export function openConfiguredStore(
	{ config, version, log }: { config: Config; version: string; log: Log },
	dataFolder: string,
	metrics: SelfMetrics,
): Promise<Store> {
	return openStore({
		...remoteServer(config),
		dataFolder,
		database: config.clickhouseDatabase,
		retentionMs: config.retentionMs,
		derivedRetentionMs: config.rollupRetentionMs,
		isRetentionLater: true,
		program: version,
		metrics,
		log,
	});
}
