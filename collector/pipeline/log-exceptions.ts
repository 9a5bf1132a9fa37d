import type { LogRecord } from '../../schema/log-block.ts';
import type { TaggedValue } from '../../schema/span-block.ts';

type ExceptionField = 'exceptionType' | 'exceptionMessage' | 'exceptionStacktrace';

const FIELD_OF: ReadonlyMap<string, ExceptionField> = new Map([
	['exception.type', 'exceptionType'],
	['exception.message', 'exceptionMessage'],
	['exception.stacktrace', 'exceptionStacktrace'],
]);

/** Moves what a record says of its exception out of its attributes; what is no text, or empty, stays where it is. */
export function withException<Record extends { attributes: [key: string, value: TaggedValue][] }>(
	record: Record,
): Record & Pick<LogRecord, ExceptionField> {
	const found: Pick<LogRecord, ExceptionField> = { exceptionType: '', exceptionMessage: '', exceptionStacktrace: '' };
	const attributes = record.attributes.filter(([key, value]) => {
		const field = FIELD_OF.get(key);
		if (field === undefined || value.length < 2 || !value.startsWith('s')) return true;
		found[field] = value.slice(1);
		return false;
	});
	return { ...record, ...found, attributes };
}
