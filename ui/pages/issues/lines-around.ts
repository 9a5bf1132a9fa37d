import type { LogRow } from '../../../schema/api-logs.ts';
import { logMoment, logWords } from '../../trace/views/log-lines.ts';

/** A log record by its distance from a moment. */
export interface LineAround {
	spanId: string;
	service: string;
	/** After the moment; negative before it. */
	nano: number;
	isAfter: boolean;
	name: string;
	text: string;
	isFailure: boolean;
}

/** A text that is longer is read on the trace's own screen. */
const LONGEST = 2_000;

/** @param moment in Unix nanoseconds */
export const linesAround = (logs: readonly LogRow[], moment: string): LineAround[] =>
	logs.map((log) => {
		const nano = Number(logMoment(log) - BigInt(moment));
		const { text, ...words } = logWords(log);
		const { spanId, namespace, service } = log;
		return {
			spanId,
			service: namespace === '' ? service : `${namespace}/${service}`,
			nano,
			isAfter: nano >= 0,
			...words,
			text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
		};
	});
