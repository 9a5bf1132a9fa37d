import type { DocumentOf } from '../../../../schema/desired-state.ts';
import { spaced } from '../../../../collector/alerting/evaluate/in-words.ts';

/** `sat, sun at 02:00 for 4 h, UTC` of a window that comes back; empty of others. */
export const recurrenceInWords = ({ every, timeZone }: DocumentOf<'Silence'>['spec']): string =>
	every === undefined ? '' : `${every.days.join(', ')} at ${every.at} for ${spaced(every.for)}, ${timeZone}`;
