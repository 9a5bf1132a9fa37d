import type { LogRecord } from '../../schema/log-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import { redactTagged } from './redact-spans.ts';
import type { RedactionCounts } from './redaction-counts.ts';
import type { Redaction, Redactor } from './redaction.ts';

type Texts = Pick<LogRecord, 'body' | 'severityText' | 'eventName' | 'attributes' | 'marks'>;

/** Takes secrets out of everything of a record that a sender wrote, and marks it when there were any. */
export function redactLog<Record extends Texts>(record: Record, redactor: Redactor, counts: RedactionCounts): Record {
	let isChanged = false;
	const note = (where: string, before: string, redaction: Redaction | undefined): string => {
		if (redaction === undefined) return before;
		isChanged = true;
		counts.add(where, redaction.rule);
		return redaction.value;
	};
	const text = (where: string, value: string): string => note(where, value, redactor.redact('', value));
	const redacted = {
		...record,
		body: record.body === '' ? '' : note('log body', record.body, redactTagged(redactor, '', record.body)),
		severityText: text('severity text', record.severityText),
		eventName: text('event name', record.eventName),
		attributes: record.attributes.map(([key, value]): [string, string] => [
			key,
			note(key, value, redactTagged(redactor, key, value)),
		]),
	};
	return isChanged ? { ...redacted, marks: record.marks | SPAN_MARKS.redacted } : record;
}
