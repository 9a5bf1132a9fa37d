import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the collector counts of itself, as Prometheus knows it. Names are part of the outside surface. */
export interface SelfMetrics {
	registry: Registry;
	spansReceived: Counter;
	spansAccepted: Counter;
	spansRejected: Counter<'reason'>;
	spansRepeated: Counter;
	spansStored: Counter;
	logsAccepted: Counter<'kept_for'>;
	logsRejected: Counter<'reason'>;
	logsStored: Counter;
	logSpoolRecords: Gauge;
	spoolBytes: Gauge;
	spoolSpans: Gauge;
	spoolAge: Gauge;
	receivedBytes: Counter<'signal'>;
	acks: Counter<'status'>;
	ingestWatermark: Gauge;
	insertDuration: Histogram;
	queryDuration: Histogram;
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createSelfMetrics(): SelfMetrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry, prefix: 'spanhouse_' });
	const histogram = (name: string, help: string) => new Histogram({ name, help, buckets: secondsBuckets, registers });
	const counter = (name: string, help: string) => new Counter({ name, help, registers });
	const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
	return {
		registry,
		spansReceived: counter('spanhouse_spans_received_total', 'Spans decoded from requests'),
		spansAccepted: counter('spanhouse_spans_accepted_total', 'Spans acknowledged to their sender'),
		spansRejected: new Counter({
			name: 'spanhouse_spans_rejected_total',
			help: 'Spans refused, by reason',
			labelNames: ['reason'],
			registers,
		}),
		spansRepeated: counter(
			'spanhouse_spans_repeated_total',
			'Spans of retries of requests that had been taken: acknowledged again, stored once',
		),
		spoolBytes: gauge('spanhouse_spool_bytes', 'Bytes in the spool'),
		spoolSpans: gauge('spanhouse_spool_spans', 'Spans acknowledged and not yet stored'),
		spoolAge: gauge('spanhouse_spool_age_seconds', 'How long the oldest of them has waited'),
		spansStored: counter('spanhouse_spans_stored_total', 'Spans committed in ClickHouse'),
		logsAccepted: new Counter({
			name: 'spanhouse_logs_accepted_total',
			help: 'Log records acknowledged and kept, for their exception or for their trace',
			labelNames: ['kept_for'],
			registers,
		}),
		logsRejected: new Counter({
			name: 'spanhouse_logs_rejected_total',
			help: 'Log records not kept, by reason',
			labelNames: ['reason'],
			registers,
		}),
		logsStored: counter('spanhouse_logs_stored_total', 'Log records committed in ClickHouse'),
		logSpoolRecords: gauge('spanhouse_log_spool_records', 'Log records acknowledged and not yet stored'),
		receivedBytes: new Counter({
			name: 'spanhouse_received_bytes_total',
			help: 'Bytes of request bodies, unpacked',
			labelNames: ['signal'],
			registers,
		}),
		acks: new Counter({
			name: 'spanhouse_acks_total',
			help: 'Answers to senders, by HTTP status',
			labelNames: ['status'],
			registers,
		}),
		ingestWatermark: gauge(
			'spanhouse_ingest_watermark_seconds',
			'Unix time up to which everything acknowledged is stored',
		),
		insertDuration: histogram('spanhouse_insert_duration_seconds', 'Inserts into ClickHouse'),
		queryDuration: histogram('spanhouse_query_duration_seconds', 'Reads from ClickHouse'),
	};
}
