/** Tests of alerts, declared beside them: values in, states out. */
import { z } from 'zod';
import { ALERT_STATES, API_VERSION, SEVERITIES } from './alert.ts';
import { documentName, documentSchema, duration } from './desired-state.ts';

const value = z.union([z.string().max(64), z.number()]).meta({
	description: 'Of one evaluation, with its unit; `900ms x5` is five of them; `none`, `absent`, `error`, `stale`',
});
const values = z.array(value).min(1).max(1_000);
const group = z.record(z.string().min(1).max(255), z.string().max(1_024));

const seriesSchema = z.strictObject({
	group: group.default({}).meta({ description: 'Values of groupBy' }),
	values,
	before: values.optional().meta({ description: 'Of the window that changedBy compares with' }),
	requests: z.number().nonnegative().default(1_000).meta({ description: 'In each window' }),
});
export type TestSeries = z.infer<typeof seriesSchema>;

const expectationSchema = z.strictObject({
	at: duration.meta({ description: 'Since the beginning; the first evaluation comes after one interval' }),
	state: z.enum(ALERT_STATES),
	severity: z.enum(SEVERITIES).optional().meta({ description: 'Of its condition; else the worst of all' }),
	group: group.optional().meta({ description: 'Of this one; else the worst of all' }),
});
export type TestExpectation = z.infer<typeof expectationSchema>;

export const alertTestSchema = z.strictObject({
	apiVersion: z.literal(API_VERSION),
	kind: z.literal('AlertTest'),
	metadata: z.strictObject({ name: documentName }),
	spec: z.strictObject({
		alert: documentName.meta({ description: 'In the same folder' }),
		series: z.array(seriesSchema).min(1).max(100),
		expect: z.array(expectationSchema).min(1).max(100),
	}),
});
export type AlertTest = z.infer<typeof alertTestSchema>;

/** Everything that may stand in a file. */
export const writtenSchema = z.discriminatedUnion('kind', [...documentSchema.options, alertTestSchema]);
