import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the collector counts of itself, as Prometheus knows it. Names are part of the outside surface. */
export interface SelfMetrics {
	registry: Registry;
	spansReceived: Counter;
	spansAccepted: Counter;
	spansRejected: Counter<'reason'>;
	spansMarked: Counter<'mark'>;
	attributesDropped: Counter;
	redactions: Counter<'rule'>;
	quarantinedSpans: Gauge;
	spansRepeated: Counter;
	spansStored: Counter;
	logsAccepted: Counter<'kept_for'>;
	logsRejected: Counter<'reason'>;
	logsStored: Counter;
	logSpoolRecords: Gauge;
	spoolBytes: Gauge;
	spoolSpans: Gauge;
	spoolAge: Gauge;
	answersHeld: Counter;
	postponedSpans: Gauge;
	postponedLogs: Gauge;
	mostParts: Gauge;
	insertDistance: Gauge;
	insertsPaused: Gauge;
	spoolSurprises: Counter;
	retriesForgotten: Counter;
	receivedBytes: Counter<'signal'>;
	acks: Counter<'status'>;
	rateLimited: Counter<'limit'>;
	refused: Counter<'reason'>;
	liveFollowers: Gauge;
	liveDropped: Counter;
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
	const labelled = <Label extends string>(name: string, help: string, label: Label) =>
		new Counter({ name, help, labelNames: [label], registers });
	const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
	return {
		registry,
		spansReceived: counter('spanhouse_spans_received_total', 'Spans decoded from requests'),
		spansAccepted: counter('spanhouse_spans_accepted_total', 'Spans acknowledged to their sender'),
		spansRejected: labelled('spanhouse_spans_rejected_total', 'Spans refused, by reason', 'reason'),
		spansMarked: labelled(
			'spanhouse_spans_marked_total',
			'Spans by what the receiver changed or doubted about them',
			'mark',
		),
		attributesDropped: counter('spanhouse_attributes_dropped_total', 'Attributes without a key or beyond a limit'),
		redactions: labelled('spanhouse_redactions_total', 'Secrets taken out, by rule', 'rule'),
		rateLimited: labelled('spanhouse_rate_limited_total', 'Requests that were held back, by limit', 'limit'),
		refused: labelled(
			'spanhouse_refused_total',
			'Connections and requests that listeners refused unread, by what there was too much of',
			'reason',
		),
		...spoolMetrics(counter, gauge),
		spansStored: counter('spanhouse_spans_stored_total', 'Spans committed in ClickHouse'),
		logsAccepted: labelled(
			'spanhouse_logs_accepted_total',
			'Log records acknowledged and kept, for their exception or for their trace',
			'kept_for',
		),
		logsRejected: labelled('spanhouse_logs_rejected_total', 'Log records not kept, by reason', 'reason'),
		logsStored: counter('spanhouse_logs_stored_total', 'Log records committed in ClickHouse'),
		logSpoolRecords: gauge('spanhouse_log_spool_records', 'Log records acknowledged and not yet stored'),
		receivedBytes: labelled('spanhouse_received_bytes_total', 'Bytes of request bodies, unpacked', 'signal'),
		acks: labelled('spanhouse_acks_total', 'Answers to senders, by HTTP status', 'status'),
		liveFollowers: gauge('spanhouse_live_followers', 'Streams of new traces that are open'),
		liveDropped: counter('spanhouse_live_dropped_total', 'Streams of new traces cut because their reader was too slow'),
		ingestWatermark: gauge(
			'spanhouse_ingest_watermark_seconds',
			'Unix time up to which everything acknowledged is stored',
		),
		insertDuration: histogram('spanhouse_insert_duration_seconds', 'Inserts into ClickHouse'),
		queryDuration: histogram('spanhouse_query_duration_seconds', 'Reads from ClickHouse'),
	};
}

const spoolMetrics = (
	counter: (name: string, help: string) => Counter,
	gauge: (name: string, help: string) => Gauge,
) => ({
	quarantinedSpans: gauge(
		'spanhouse_quarantined_spans',
		'Spans of records that are set aside, because they could not be read or stored',
	),
	spansRepeated: counter(
		'spanhouse_spans_repeated_total',
		'Spans of retries of requests that had been taken: acknowledged again, stored once',
	),
	spoolBytes: gauge('spanhouse_spool_bytes', 'Bytes in the spool'),
	spoolSpans: gauge('spanhouse_spool_spans', 'Spans acknowledged and not yet stored'),
	spoolAge: gauge('spanhouse_spool_age_seconds', 'How long the oldest of them has waited'),
	answersHeld: counter(
		'spanhouse_answers_held_seconds_total',
		'How long answers to senders were held back, because ClickHouse was behind',
	),
	postponedSpans: gauge(
		'spanhouse_postponed_spans',
		'Spans of requests that ClickHouse lacks memory for: they wait while what follows is stored',
	),
	postponedLogs: gauge('spanhouse_postponed_log_records', 'Log records of such requests'),
	mostParts: gauge('spanhouse_most_parts', 'Active parts in the partition that has most of them'),
	insertDistance: gauge(
		'spanhouse_insert_distance_seconds',
		'How far apart inserts are kept because parts are too many; 0 while they are not',
	),
	insertsPaused: gauge('spanhouse_inserts_paused', '1 while nothing is inserted because parts are far too many'),
	spoolSurprises: counter(
		'spanhouse_spool_surprises_total',
		'Batches of which more or less is stored than was sent: it should stay 0',
	),
	retriesForgotten: counter(
		'spanhouse_retries_forgotten_total',
		'Requests that were taken and would not be recognised if they came again, because more came within ten minutes than are remembered',
	),
});
