import type { LogRow } from '../../../schema/api-logs.ts';
import { serviceLabel } from '../../lib/service-hue.ts';
import { logMoment, logWords } from '../../trace/views/log-lines.ts';

/** A log record by its distance from a moment. */
export interface LineAround {
	spanId: string;
	service: string;
	/** After the moment; negative before it. */
	nano: number;
	name: string;
	text: string;
	isFailure: boolean;
}

/** A text that is longer is read on the trace's own screen. */
const LONGEST = 2_000;

/** @param moment in Unix nanoseconds */
export const linesAround = (logs: readonly LogRow[], moment: string): LineAround[] =>
	logs.map((log) => {
		const { text, ...words } = logWords(log);
		return {
			spanId: log.spanId,
			service: serviceLabel(log),
			nano: Number(logMoment(log) - BigInt(moment)),
			...words,
			text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
		};
	});
