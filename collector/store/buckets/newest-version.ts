import type { TimeWindow } from '../../../schema/api.ts';
import { bucketMs } from './bucket-spans.ts';

const minuteMs = 60_000;

/** What tables that are made of buckets can say: whole minutes, those that the window cuts included. */
export const wholeMinutes = ({ fromMs, toMs }: TimeWindow): TimeWindow => ({
	fromMs: Math.floor(fromMs / minuteMs) * minuteMs,
	toMs: Math.ceil(toMs / minuteMs) * minuteMs,
});

const TO = "toDateTime(intDiv({toMs:Int64}, 1000), 'UTC')";
const IN_BUCKETS = `project = {project:String}
	AND bucket >= toDateTime(intDiv({fromMs:Int64}, 1000) - ${bucketMs / 1_000}, 'UTC') AND bucket < ${TO}`;

/** Rows of the minutes of a window, each bucket in the version that was derived last. Binds `project`, `fromMs` and `toMs`. */
export const newestOf = (table: string): string => `${IN_BUCKETS}
	AND minute >= toDateTime(intDiv({fromMs:Int64}, 1000), 'UTC') AND minute < ${TO} AND type != 255
	AND (bucket, version) IN (SELECT bucket, max(version) FROM ${table} WHERE ${IN_BUCKETS} GROUP BY bucket)`;
