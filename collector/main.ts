import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostGuard, loopbackHosts } from './access/host-guard.ts';
import { createApi } from './api/api.ts';
import type { CollectorStatus } from './api/status.ts';
import { DEFAULT_PROJECT } from './api/scope.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { isLoopback } from './config.ts';
import { IngestStatus } from './ingest-status.ts';
import { listen } from './listener.ts';
import type { Log } from './log.ts';
import { DecodePool } from './receiver/decode-pool.ts';
import { otlpHttp } from './receiver/otlp-http.ts';
import { screenFiles } from './screen-files.ts';
import { createSelfMetrics } from './self-metrics.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { sendTestSpan } from './test-span.ts';

export interface RunningSpanhouse {
	/** Printed as one line of JSON when everything listens. */
	ready: { event: 'ready'; ui: string; otlpHttp: string; store: 'embedded' | 'remote'; version: string };
	/** Finishes requests, closes the store, removes an ephemeral data folder. */
	close(): Promise<void>;
}

interface StartOptions {
	config: Config;
	log: Log;
	version: string;
	/** Where the built screen lies. */
	screenFolder: string;
}

/** Bodies above a mebibyte are rare; two threads keep one sender of them from holding up another. */
const decodeThreads = 2;

/** Builds every part and joins them: the only place that does. */
export async function startSpanhouse({ config, log, version, screenFolder }: StartOptions): Promise<RunningSpanhouse> {
	const clock = Date.now;
	const metrics = createSelfMetrics();
	const dataDir = config.ephemeral ? mkdtempSync(join(tmpdir(), 'spanhouse-')) : config.dataDir;
	const store = await openConfiguredStore(config, dataDir, version, metrics, log);
	const ingest = new IngestStatus(metrics, clock);
	const decodePool = new DecodePool({ threads: decodeThreads, log });
	const receiver = otlpHttp({
		append: (block) => store.writer.append(block),
		project: () => DEFAULT_PROJECT,
		limits: { maxBodyBytes: config.maxRequestBytes, retentionMs: config.retentionMs },
		corsOrigins: config.corsOrigins,
		clock,
		decode: decodePool.decode,
		observe: ingest,
		otherSignals: 'report',
		log,
	});
	const otlp = await listen(receiver, {
		host: config.ingestHost,
		port: config.otlpHttpPort,
		portFlag: '--otlp-http-port',
	});
	const endpoints = { otlpHttp: otlp.url, ui: '' };
	const describe = (): CollectorStatus => ({
		version,
		store: describeStore(store),
		ingest: ingest.describe(store.writer.rowsStored),
		endpoints,
		retention: { configured: `${Math.round(config.retentionMs / 86_400_000)}d` },
	});
	const api = createApi({
		red: store.red,
		search: store.search,
		traces: store.traces,
		status: store.status,
		version,
		clock,
		check: () => {}, // Nobody logs in yet; the host guard keeps strangers out.
		describe,
		sendTestSpan: () => sendTestSpan(otlp.url, clock()),
	});
	const app = createApp({
		basePath: config.basePath,
		api,
		screen: screenFiles(screenFolder, config.basePath),
		guard: isLoopback(config.host) ? hostGuard(loopbackHosts(config.host)) : async (_, next) => next(),
		metrics: async () => {
			metrics.ingestWatermark.set(store.writer.watermarkMs() / 1_000);
			return { contentType: metrics.registry.contentType, body: await metrics.registry.metrics() };
		},
		checkReady: () => store.status.ping(),
		log,
	});
	const ui = await listen(app, { host: config.host, port: config.uiPort, portFlag: '--ui-port' });
	endpoints.ui = ui.url + config.basePath.slice(0, -1);
	return {
		ready: { event: 'ready', ui: endpoints.ui, otlpHttp: otlp.url, store: store.kind, version },
		close: async () => {
			await Promise.all([otlp.close(), ui.close()]);
			await decodePool.close();
			await store.close();
			if (config.ephemeral) rmSync(dataDir, { recursive: true, force: true });
		},
	};
}

function openConfiguredStore(
	config: Config,
	dataFolder: string,
	program: string,
	metrics: SelfMetrics,
	log: Log,
): Promise<Store> {
	const { clickhouseUrl: url, clickhouseUser: username, clickhousePassword: password } = config;
	return openStore({
		...(url === undefined ? {} : { remote: { url, username, password } }),
		dataFolder,
		database: config.clickhouseDatabase,
		retentionMs: config.retentionMs,
		program,
		metrics,
		log,
	});
}

function describeStore(store: Store): CollectorStatus['store'] {
	const state = store.state();
	return {
		kind: store.kind,
		ready: state.ready,
		version: store.version,
		...(state.ready ? {} : { reason: state.reason }),
	};
}
