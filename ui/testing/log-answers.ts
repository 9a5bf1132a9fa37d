import type { LogRow } from '../../schema/api-logs.ts';

export const logRow = (timeUnixNano: bigint, body: string, facts: Partial<LogRow> = {}): LogRow => ({
	timeUnixNano: String(timeUnixNano),
	tMs: Number(timeUnixNano / 1_000_000n),
	spanId: '',
	service: 'payment',
	namespace: 'shop',
	environment: 'production',
	scope: 'pino',
	severity: 9,
	severityText: 'INFO',
	eventName: '',
	body: { stringValue: body },
	exception: null,
	attributes: [],
	droppedAttributes: 0,
	marks: [],
	...facts,
});
