/** Words of alerting that the screen and the server share. */

/** What a rule may measure, beside `apdex(500ms)`. */
export const PLAIN_MEASURES = [
	'p50',
	'p75',
	'p90',
	'p95',
	'p99',
	'p99.9',
	'errorPercent',
	'errorsPerSecond',
	'requestsPerSecond',
	'count',
] as const;

/** Any measure, as text. */
export const MEASURE_PATTERN =
	/^(p50|p75|p90|p95|p99|p99\.9|errorPercent|errorsPerSecond|requestsPerSecond|count|apdex\(\d{1,9}(\.\d{1,6})?(us|ms|s|m)\))$/;

/** Most urgent first. */
export const SEVERITIES = ['page', 'ticket'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * Of one condition of a rule for one group. `error`: the query failed or found too many groups; `stale`: ingest is behind,
 * the state before is kept.
 */
export const ALERT_STATES = ['normal', 'pending', 'firing', 'recovering', 'noData', 'error', 'stale'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What becomes of a group without a value. */
export const NO_DATA_CHOICES = ['keep', 'ok', 'fire'] as const;
export type NoDataChoice = (typeof NO_DATA_CHOICES)[number];

/** Of one evaluation: with more it is an error, for whatever is cut could be what burns. */
export const MAX_ALERT_GROUPS = 1_000;

/** Why a firing ended. */
export const RESOLVE_REASONS = ['recovered', 'missing series', 'rule removed', 'rule changed', 'no data'] as const;
export type ResolveReason = (typeof RESOLVE_REASONS)[number];

/** What the spans of a firing are compared with. */
export const COMPARISONS = ['rest', 'hourBefore', 'nothing'] as const;

export const FIRING_STATES = ['firing', 'resolved'] as const;

/** Names of documents stand in addresses, in YAML and in keys of notifications. */
export const NAME_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/;
export const NAME_EXPECTED = 'expected letters, digits and . _ / - inside';

/** Kinds of declared documents. */
export const DOCUMENT_KINDS = [
	'Alert',
	'SLO',
	'Route',
	'Channel',
	'Silence',
	'Heartbeat',
	'Service',
	'Link',
	'Retention',
	'Source',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export const CHANNEL_TYPES = ['slack', 'webhook', 'email', 'pagerduty', 'teams', 'alertmanager', 'browser'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** What the gate does where something stands against a deploy of a service. */
export const GATE_POLICIES = ['refuse', 'warn'] as const;

/** The version that documents of ours name. */
export const API_VERSION = 'spanhouse.dev/v1';

/** End of a silence that lasts until somebody ends it: the last moment of JavaScript's Date. */
export const FOREVER_MS = 8_640_000_000_000_000;
