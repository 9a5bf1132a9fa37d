import type { DocumentSpan } from './document-spans.ts';
import { plainText } from './span-facts.ts';

/** An event of a span, as a line of the trace's log. */
export interface TraceEvent {
	row: number;
	timeUnixNano: string;
	name: string;
	/** What its attributes say, in a line. */
	text: string;
	isException: boolean;
}

/** More lines than this are told by their number. */
const MOST_EVENTS = 10_000;
const MOST_TEXT = 400;

/** The events of all spans by time, and how many there are. */
export function documentEvents(
	spans: readonly DocumentSpan[],
	rows: Int32Array,
): { events: TraceEvent[]; total: number } {
	const events: TraceEvent[] = [];
	let total = 0;
	rows.forEach((index, row) => {
		for (const event of spans[index]?.span.events ?? []) {
			total++;
			if (events.length >= MOST_EVENTS) continue;
			const exception = event.attributes.find(({ key }) => key === 'exception.type');
			const message = event.attributes.find(({ key }) => key === 'exception.message');
			events.push({
				row,
				timeUnixNano: event.timeUnixNano,
				name: exception === undefined ? event.name : plainText(exception.value),
				text: (message === undefined
					? event.attributes.map(({ key, value }) => `${key}=${plainText(value)}`).join('  ')
					: plainText(message.value)
				).slice(0, MOST_TEXT),
				isException: event.name === 'exception' || exception !== undefined,
			});
		}
	});
	events.sort((a, b) => a.timeUnixNano.length - b.timeUnixNano.length || (a.timeUnixNano < b.timeUnixNano ? -1 : 1));
	return { events, total };
}
