import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import type { Access } from './access/access.ts';
import { ArrangePool } from './api/arrange-pool.ts';
import { createApi } from './api/api.ts';
import { LiveFeed } from './api/live/live-feed.ts';
import { closeInTurn } from './close-in-turn.ts';
import { describeCollector } from './collector-status.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import type { Desired } from './desired/open-desired.ts';
import { diskOf } from './disk.ts';
import type { IngestStatus } from './ingest-status.ts';
import { startIssueJobs } from './jobs/issue-jobs.ts';
import type { IssueJobs } from './jobs/issue-jobs.ts';
import { openIntake } from './intake.ts';
import type { Intake } from './intake.ts';
import { startKeeping } from './keeping.ts';
import type { Keeping } from './keeping.ts';
import { listen } from './listener.ts';
import { measureIntake } from './measure-intake.ts';
import type { Log } from './log.ts';
import { openAccess } from './open-access.ts';
import { otlpGrpc } from './receiver/otlp-grpc.ts';
import type { OtlpGrpc } from './receiver/otlp-grpc.ts';
import type { DeclaredRetention } from './keeping/declared-retention.ts';
import { openIssueSearch } from './open-issue-search.ts';
import { openReceiving } from './open-receiving.ts';
import type { Receiving } from './open-receiving.ts';
import { openRetention } from './open-retention.ts';
import { otlpHttp } from './receiver/otlp-http.ts';
import { zipkinHttp } from './receiver/zipkin-http.ts';
import { screenFiles } from './screen-files.ts';
import { startAlerts } from './start-alerts.ts';
import type { AlertCrash, StartedAlerts } from './start-alerts.ts';
import { startDesired } from './start-desired.ts';
import { createSelfMetrics } from './self-metrics.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { StateStore } from './state/state-store.ts';
import { drainSettings } from './spool-settings.ts';
import type { CrashHook } from './spool/crash-point.ts';
import { openConfiguredStore } from './open-store.ts';
import type { Store } from './store/store.ts';
import type { Certificate } from './tls/certificate.ts';
import { openCertificate } from './tls/open-certificate.ts';
import { sendTestSpan } from './test-span.ts';

export interface RunningSpanhouse {
	/** Printed as one line of JSON when everything listens. */
	ready: { event: 'ready' } & Endpoints & { store: 'embedded' | 'remote'; version: string };
	/** Where the first account is made; undefined when there is one, or no login. */
	setupUrl: string | undefined;
	/** Finishes requests, closes the store, removes an ephemeral data folder. */
	close(): Promise<void>;
}

/** URLs of the screen and of OTLP over HTTP, address of OTLP over gRPC, with the ports that were really taken. */
interface Endpoints {
	ui: string;
	otlpHttp: string;
	otlpGrpc: string;
	/** Only where it is asked for. */
	zipkin?: string;
}

interface Start extends AlertCrash {
	config: Config;
	/** Of this process: what documents refer to by `${env:NAME}`, and what programs need that are started. */
	env: NodeJS.ProcessEnv;
	log: Log;
	version: string;
	/** Where the built screen lies. */
	screenFolder: string;
	/** For tests that die at chosen moments: see CRASH_POINTS. */
	crash?: CrashHook;
	/** The same of the spool of logs. */
	logCrash?: CrashHook;
}

interface Parts extends Start, Receiving {
	dataFolder: string;
	store: Store;
	intake: Intake;
	state: StateStore;
	jobs: IssueJobs;
	alerts: StartedAlerts;
	keeping: Keeping;
	desired: Desired;
	retention: DeclaredRetention;
	metrics: SelfMetrics;
	ingest: IngestStatus;
	arrangePool: ArrangePool;
	live: LiveFeed;
	access: Access;
	/** Undefined: no TLS of our own. */
	certificate: Certificate | undefined;
	/** Known once their listeners are there. */
	endpoints: Endpoints;
}

/** Builds every part and joins them: the only place that does. */
export async function startSpanhouse(start: Start): Promise<RunningSpanhouse> {
	const { config, version, log } = start;
	const certificate = openCertificate(config, log);
	const dataFolder = config.ephemeral ? mkdtempSync(join(tmpdir(), 'spanhouse-')) : config.dataDir;
	const metrics = createSelfMetrics();
	const store = await openConfiguredStore(start, dataFolder, metrics);
	const endpoints: Endpoints = { ui: '', otlpHttp: '', otlpGrpc: '' };
	const opening = { ...start, dataFolder, store, metrics, endpoints };
	const { intake, state, jobs, alerts, desired, retention } = await openOrCloseStore(opening);
	const { access, ingest } = openAccess({ config, state, metrics, endpoints, log });
	const { projects } = access;
	const opened = { ...opening, intake, state, jobs, alerts, desired, retention, access, ingest };
	const keeping = startKeeping({ ...opened, ...desired, projects });
	const arrangePool = new ArrangePool({ log });
	const storedSpans = () => intake.storedSpans();
	const live = new LiveFeed({ reader: store.live, storedSpans, clock: Date.now, metrics, log });
	const parts: Parts = {
		...opened,
		...openReceiving(opening),
		keeping,
		arrangePool,
		live,
		certificate,
	};
	const listeners: { close(): Promise<void> }[] = [];
	const close = () => closeAll(parts, listeners);
	try {
		await listenToAll(parts, listeners);
		store.buckets.start();
		const ready = { event: 'ready', ...endpoints, store: store.kind, version } as const;
		return { ready, setupUrl: access.setupUrl(), close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** What is there of `listeners` and the parts behind them, in the order in which they need each other. */
async function closeAll(parts: Parts, listeners: readonly { close(): Promise<void> }[]): Promise<void> {
	const { config, log, live, alerts, desired, jobs, keeping, access, decodePool, arrangePool } = parts;
	const { intake, state, store, certificate, dataFolder } = parts;
	// A piece of it can take as long as requests do, and needs nothing that waits for them. How it ended is heard in its turn.
	const background = Promise.all([desired.sources.close(), jobs.stop(), alerts.stop(), keeping.close()]);
	background.catch(() => {});
	const requests = async () => {
		await Promise.all([live.close(), alerts.endStreams()]);
		await Promise.all(listeners.map((listener) => listener.close()));
	};
	const drain = { what: 'what is in the spool', close: () => intake.drain() };
	// At most 15 s together, but for what `--drain` asks for. Without a spool the store has a queue to write.
	await closeInTurn(
		[
			{ what: 'requests', mostMs: 5_500, close: requests },
			{ what: 'threads', mostMs: 500, close: () => Promise.all([decodePool.close(), arrangePool.close()]) },
			...(config.drain ? [drain] : []),
			{ what: 'the intake', mostMs: 4_500, close: () => intake.close() },
			{ what: 'background work', mostMs: 500, close: () => Promise.all([background, access.close()]) },
			{ what: 'the state', mostMs: 500, close: () => state.close() },
			{ what: 'the store', mostMs: config.ack === 'spool' ? 3_000 : 7_500, close: () => store.close() },
		],
		log,
	);
	certificate?.close();
	if (config.ephemeral) rmSync(dataFolder, { recursive: true, force: true });
}

/** Notes each listener as soon as it is there, so that it is closed whatever happens to the next, and where it listens. */
async function listenToAll(parts: Parts, listeners: { close(): Promise<void> }[]): Promise<void> {
	const { config, endpoints, certificate, refusals } = parts;
	const refused = refusals.note;
	const tls = config.ingestTls === 'off' ? undefined : certificate;
	const { ingestHost, host, otlpHttpPort, zipkinPort, uiPort } = config;
	const http = await listen(otlpApp(parts), {
		host: ingestHost,
		port: otlpHttpPort,
		portFlag: '--otlp-http-port',
		tls,
		refused,
	});
	listeners.push(http);
	endpoints.otlpHttp = http.url;
	const overGrpc = await listenForGrpc(parts, tls);
	listeners.push(overGrpc);
	endpoints.otlpGrpc = overGrpc.address;
	if (zipkinPort !== undefined) {
		const zipkin = await listen(zipkinApp(parts), {
			host: ingestHost,
			port: zipkinPort,
			portFlag: '--zipkin-port',
			tls,
			refused,
		});
		listeners.push(zipkin);
		endpoints.zipkin = zipkin.url;
	}
	const forUi = { host, port: uiPort, portFlag: '--ui-port', tls: certificate, refused };
	const ui = await listen(uiApp(parts), forUi);
	listeners.push(ui);
	endpoints.ui = ui.url + config.basePath.slice(0, -1);
}

/** What becomes of requests, by whatever protocol they come. */
function ingestParts({ config, intake, keeping, retention, ingest, decodePool, logQuota, room, log }: Parts) {
	return {
		append: keeping.append,
		appendLogs: keeping.appendLogs,
		logQuota,
		room,
		fingerprint: intake.fingerprint,
		limits: retention.limits(config.maxRequestBytes),
		clock: Date.now,
		decode: decodePool.decode,
		decodeLogs: decodePool.decodeLogs,
		observe: ingest,
		otherSignals: config.otherSignals,
		log,
	};
}

const overHttp = (parts: Parts) => ({
	...ingestParts(parts),
	sender: parts.access.httpSender,
	corsOrigins: parts.config.corsOrigins,
	browserOrigins: () => parts.access.keys.origins(),
});

/** What listens for OpenTelemetry over HTTP. */
const otlpApp = (parts: Parts): Hono => otlpHttp(overHttp(parts));

/** What listens for Zipkin's reporters. */
const zipkinApp = (parts: Parts): Hono => zipkinHttp(overHttp(parts));

/** What listens for OpenTelemetry over gRPC. */
function listenForGrpc(parts: Parts, tls: Certificate | undefined): Promise<OtlpGrpc> {
	return otlpGrpc({
		...ingestParts(parts),
		sender: parts.access.grpcSender,
		host: parts.config.ingestHost,
		port: parts.config.otlpGrpcPort,
		tls,
		checkReady: () => checkReady(parts),
		dropped: () => parts.refusals.note('connections'),
	});
}

/** What listens for people and programs that read. */
function uiApp(parts: Parts): Hono {
	const { config, store, intake, state, jobs, metrics, access, endpoints, log, version } = parts;
	const api = createApi({
		red: store.red,
		search: store.search,
		live: parts.live,
		difference: store.difference,
		facets: store.facets,
		measures: store.measures,
		series: store.series,
		completion: store.completion,
		traces: store.traces,
		arrange: parts.arrangePool.arrange,
		spanRanks: store.spanRanks,
		traceCounts: store.traceCounts,
		logs: store.logs,
		ingest: store.ingest,
		countIngest: () => ({ ...parts.ingest.counts(), disk: diskOf(parts.dataFolder) }),
		state,
		...parts.keeping,
		...parts.desired,
		...parts.alerts,
		operationPaths: store.operationPaths,
		queries: store.queries,
		serviceMap: store.serviceMap,
		serviceCalls: store.serviceCalls,
		changes: store.changes,
		issues: store.issues,
		analysed: () => jobs.state(),
		status: store.status,
		version,
		clock: Date.now,
		access,
		addressOf: access.addressOf,
		log,
		check: access.check,
		describe: (project, isLimited) => describeCollector(parts, project, isLimited),
		sendTestSpan: (project) =>
			sendTestSpan(endpoints.otlpHttp, Date.now(), access.ingest.ownHeaders(project), parts.certificate?.pem),
	});
	return createApp({
		basePath: config.basePath,
		api,
		screen: screenFiles(parts.screenFolder, config.basePath),
		guards: access.guards,
		checkMetrics: (c) => access.check(c, { role: 'viewer', reach: 'process' }),
		metrics: async () => {
			measureIntake(intake, metrics);
			return { contentType: metrics.registry.contentType, body: await metrics.registry.metrics() };
		},
		checkReady: () => checkReady(parts),
		log,
	});
}

async function checkReady({ intake, keeping }: Parts): Promise<void> {
	keeping.disk?.checkRoom();
	await intake.checkReady();
}

/** What stands on the store. */
async function openOrCloseStore(opening: Start & Pick<Parts, 'dataFolder' | 'store' | 'metrics' | 'endpoints'>) {
	const { config, env, log, crash, logCrash, dataFolder, store } = opening;
	try {
		const state = await StateStore.open({ table: store.stateTable, clock: Date.now });
		const intake = await openIntake({
			ack: config.ack,
			dataFolder,
			store,
			settings: drainSettings(config),
			log,
			crash,
			logCrash,
		});
		const desired = startDesired({ config, env, state, dataFolder, log });
		const retention = await openRetention({ config, state, store, ...desired });
		const alerts = await startAlerts({ ...opening, state, intake, ...desired });
		const jobs = startIssueJobs({ ...store, issueSearch: openIssueSearch(log), state, log, clock: Date.now });
		return { state, intake, desired, alerts, jobs, retention };
	} catch (error) {
		await store.close();
		throw error;
	}
}
