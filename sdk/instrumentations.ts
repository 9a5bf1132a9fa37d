import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { noteReturnedRows } from './returned-rows.ts';

type Configurations = NonNullable<Parameters<typeof getNodeAutoInstrumentations>[0]>;

/**
 * Everything OpenTelemetry patches by itself, less what drowns a trace: a span per DNS lookup, per socket and per
 * checkout from a connection pool beside the request they belong to, and one per Express middleware and router that only calls
 * the next. `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and `OTEL_NODE_DISABLED_INSTRUMENTATIONS` choose otherwise.
 */
export function createInstrumentations(env: NodeJS.ProcessEnv): ReturnType<typeof getNodeAutoInstrumentations> {
	const offByDefault = isGiven(env['OTEL_NODE_ENABLED_INSTRUMENTATIONS']) ? {} : { enabled: false };
	const configurations: Configurations = {
		'@opentelemetry/instrumentation-dns': offByDefault,
		'@opentelemetry/instrumentation-net': offByDefault,
		// Express 5 routes with the `router` package, whose instrumentation would repeat Express's spans.
		'@opentelemetry/instrumentation-router': offByDefault,
		// It only gathers metrics, and these aren't sent unless asked for.
		'@opentelemetry/instrumentation-runtime-node': isGiven(env['OTEL_METRICS_EXPORTER']) ? {} : offByDefault,
		'@opentelemetry/instrumentation-express': { ignoreLayers: [/^(middleware|router) - /] },
		'@opentelemetry/instrumentation-pg': { ignoreConnectSpans: true, responseHook: noteReturnedRows },
	};
	return getNodeAutoInstrumentations(configurations);
}

const isGiven = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';
