import type { LogBlock, LogRecord } from '../../schema/log-block.ts';

const nowMs = 1_795_000_000_000;

/** What is left out is empty. */
export const logRecord = (fields: Partial<LogRecord>): LogRecord => ({
	traceId: '',
	spanId: '',
	timeUnixNano: String(BigInt(nowMs) * 1_000_000n),
	observedUnixNano: '0',
	severity: 0,
	severityText: '',
	eventName: '',
	body: '',
	exceptionType: '',
	exceptionMessage: '',
	exceptionStacktrace: '',
	attributes: [],
	droppedAttributes: 0,
	flags: 0,
	marks: 0,
	resource: 0,
	scope: 0,
	...fields,
});

/** All of one service and scope, at one time unless others are given. */
export const logBlock = (records: LogRecord[], project = 'default', timesMs?: number[]): LogBlock => ({
	version: 1,
	project,
	rows: records.length,
	timeUnixMs: timesMs ?? records.map(() => nowMs),
	records,
	resources: [
		{
			id: 11n,
			service: 'cart',
			namespace: 'shop',
			version: '1.2',
			instance: 'cart-1',
			environment: 'prod',
			attributes: [['service.name', 'scart']],
			droppedAttributes: 0,
			schemaUrl: '',
		},
	],
	scopes: [{ id: 12n, name: 'logger', version: '', attributes: [], droppedAttributes: 0, schemaUrl: '' }],
});
