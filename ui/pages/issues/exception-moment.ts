import type { Issue } from '../../../schema/api-issues.ts';
import type { SpanDetail } from '../../../schema/api.ts';
import { readException } from '../../trace/exception.ts';

/**
 * When a sample threw, in Unix nanoseconds: the moment of the event that recorded it. Without one a log told, and the sample's
 * own time is that of the log; of a span that can't be read, its end tells where to look.
 */
export function exceptionMoment(
	{ type }: Pick<Issue, 'type'>,
	sample: Issue['samples'][number],
	{ events }: Pick<SpanDetail, 'events'> = { events: [] },
): string {
	const thrown = events.flatMap((event) => {
		const exception = readException(event);
		return exception === undefined ? [] : [{ type: exception.type, moment: event.timeUnixNano }];
	});
	const own = thrown.find((one) => one.type === type) ?? thrown[0];
	return own?.moment ?? String(BigInt(sample.endMs) * 1_000_000n);
}
