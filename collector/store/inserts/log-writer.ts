import type { LogBlock } from '../../../schema/log-block.ts';
import type { Log } from '../../log.ts';
import { silentLog } from '../../log.ts';
import { DirectWriter } from '../../spool/direct-writer.ts';
import type { LogSink } from './log-sink.ts';

const maxQueuedRows = 50_000;
const maxQueuedBytes = 128 * 1024 ** 2;

/** Stores log records at once, past the spool. */
export class LogWriter extends DirectWriter<LogBlock> {
	constructor(sink: LogSink, log: Log = silentLog) {
		super({ sink, bytesOf: blockBytes, log, maxQueuedRows, maxQueuedBytes });
	}
}

/** About what the block takes in memory. */
function blockBytes({ records }: LogBlock): number {
	const perRecord = 500;
	return records.reduce((total, { body, exceptionMessage, exceptionStacktrace, attributes }) => {
		const texts = body.length + exceptionMessage.length + exceptionStacktrace.length;
		return total + perRecord + texts + attributes.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
	}, 0);
}
