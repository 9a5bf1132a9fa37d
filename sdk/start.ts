import { diag, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { baggageSampler } from './baggage.ts';
import { installDiagnostics, warn } from './diagnostics.ts';
import { otlpExporter } from './exporter.ts';
import { flushOnExit } from './flush-on-exit.ts';
import { createInstrumentations } from './instrumentations.ts';
import { installModuleHooks, patchBuiltins, patchedModules } from './module-hooks.ts';
import { Outbox } from './outbox.ts';
import { nameFastifyRoutes } from './route.ts';
import { sendAtExit } from './send-at-exit.ts';
import { readSettings } from './settings.ts';
import type { SdkOptions } from './settings.ts';

export interface SdkHandle {
	/** Sends what is queued and waits for what is on its way. Never rejects, and returns after two seconds at the latest. */
	forceFlush(): Promise<void>;
	/** Sends what is queued and ends tracing for good. Never rejects; bounded as `forceFlush`. */
	shutdown(): Promise<void>;
}

/** How long the end of a process may wait for spans to be sent. */
const flushTimeoutMs = 2_000;

const notStarted: SdkHandle = { forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() };

/** One for the process, as OpenTelemetry's providers are: `--import` and the app's own modules meet here. */
let running: SdkHandle | undefined;

/**
 * Starts tracing this process, from `OTEL_*` variables and the options given. Never throws: what is wrong is said on
 * standard error, and the app runs on, untraced in the worst case. Modules imported before the call aren't traced,
 * which is why `--import @spanhouse/sdk/register` is the better way in.
 */
export function start(options: SdkOptions = {}): SdkHandle {
	if (running !== undefined) {
		if (Object.keys(options).length > 0)
			warn('tracing has started already; the options of the second start are not used.');
		return running;
	}
	try {
		return startOnce(options);
	} catch (error) {
		warn(`tracing could not start, the app runs without it: ${error instanceof Error ? error.message : String(error)}`);
		return notStarted;
	}
}

function startOnce(options: SdkOptions): SdkHandle {
	const settings = readSettings(process.env, options);
	if (settings.isDisabled) return notStarted;
	settings.warnings.forEach(warn);
	installDiagnostics({ ...process.env, ...settings.environment }['OTEL_LOG_LEVEL']);

	const { sdk, outbox, environment } = withEnvironment({ ...settings.environment, OTEL_LOG_LEVEL: undefined }, () => {
		const instrumentations = createInstrumentations(process.env);
		const patched = instrumentations.flatMap(patchedModules);
		installModuleHooks(patched);
		const sampler = settings.baggage.length > 0 ? { sampler: baggageSampler(settings.baggage, process.env) } : {};
		const otlp = otlpExporter(process.env);
		const outbox = otlp && new Outbox(otlp);
		const sdk = new NodeSDK({ instrumentations, ...(outbox && { spanProcessors: [outbox] }), ...sampler });
		sdk.start();
		patchBuiltins(patched);
		nameFastifyRoutes();
		return { sdk, outbox, environment: { ...process.env } };
	});

	const flush = (): Promise<boolean> => bounded(flushTracer(), settings.endpoint);
	const flushSync = (): void => {
		const bodies = outbox?.unanswered() ?? [];
		if (bodies.length === 0) return;
		const { isDone, problem } = sendAtExit(bodies, environment, flushTimeoutMs);
		tell(isDone ? problem : tooLate(settings.endpoint));
	};
	const removeHandlers = flushOnExit({ flush, flushSync });
	const handle: SdkHandle = {
		forceFlush: async () => void (await flush()),
		shutdown: async () => {
			removeHandlers();
			await bounded(sdk.shutdown(), settings.endpoint);
		},
	};
	running = handle;
	return handle;
}

/** OpenTelemetry reads its settings from the environment as it is built; child processes of the app inherit theirs. */
function withEnvironment<T>(changes: Record<string, string | undefined>, build: () => T): T {
	const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
	const apply = (entries: Iterable<readonly [string, string | undefined]>): void => {
		for (const [name, value] of entries) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	};
	apply(Object.entries(changes));
	try {
		return build();
	} finally {
		apply(before);
	}
}

async function flushTracer(): Promise<void> {
	const provider = trace.getTracerProvider();
	const delegate: object = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
	if ('forceFlush' in delegate && typeof delegate.forceFlush === 'function') await delegate.forceFlush();
}

/** Whether the work was done in time; what went wrong is told. */
function bounded(work: Promise<void>, endpoint: string): Promise<boolean> {
	return new Promise((resolve) => {
		const end = (isDone: boolean, problem?: string): void => {
			clearTimeout(timer);
			tell(problem);
			resolve(isDone);
		};
		const timer = setTimeout(() => end(false, tooLate(endpoint)), flushTimeoutMs);
		work.then(
			() => end(true),
			(error: unknown) => end(true, error instanceof Error ? error.message : String(error)),
		);
	});
}

const tooLate = (endpoint: string): string => `${endpoint} did not take them within ${flushTimeoutMs} ms`;

function tell(problem: string | undefined): void {
	if (problem === undefined) return;
	diag.warn(`spans may be lost: ${problem.replace(/\.$/, '')}. \`npx @spanhouse/sdk doctor\` looks for the reason`);
}
