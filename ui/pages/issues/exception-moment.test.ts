import { expect, test } from 'vitest';
import { exceptionMoment } from './exception-moment.ts';
import type { SpanDetail } from '../../../schema/api.ts';

const event = (timeUnixNano: string, name: string, type?: string): SpanDetail['events'][number] => ({
	timeUnixNano,
	name,
	attributes: type === undefined ? [] : [{ key: 'exception.type', value: { stringValue: type } }],
	droppedAttributes: 0,
});
const sample = {
	traceId: '1'.repeat(32),
	spanId: '1'.repeat(16),
	endMs: 1_000,
	environment: '',
	version: '',
	operation: '',
	wastedNano: 0,
	spans: 0,
};
const thrown = [event('5', 'retry'), event('7', 'exception', 'Other'), event('9', 'exception', 'Timeout')];

test.each([
	['the event of its type', { type: 'Timeout' }, thrown, '9'],
	['any exception, where an issue joins several types', { type: 'Refused' }, thrown, '7'],
	['the time of the sample, where a log told', { type: 'Timeout' }, thrown.slice(0, 1), '1000000000'],
])('an exception was thrown at %s', (_, issue, events, expected) => {
	expect(exceptionMoment(issue, sample, { events })).toBe(expected);
});
