import type { SpanBlock } from '../../../schema/span-block.ts';
import type { Log } from '../../log.ts';
import { silentLog } from '../../log.ts';
import { DirectWriter } from '../../spool/direct-writer.ts';
import { ClickHouseBatchSink } from './batch-sink.ts';
import type { BatchSinkOptions } from './batch-sink.ts';

export interface SpanWriterOptions extends BatchSinkOptions {
	log?: Log;
	maxQueuedRows?: number;
	maxQueuedBytes?: number;
}

/** Stores spans at once, past the spool. */
export class SpanWriter extends DirectWriter<SpanBlock> {
	constructor(options: SpanWriterOptions) {
		const { log = silentLog, maxQueuedRows = 400_000, maxQueuedBytes = 256 * 1024 ** 2 } = options;
		const sink = new ClickHouseBatchSink(options);
		super({ sink, bytesOf: blockBytes, log, maxQueuedRows, maxQueuedBytes });
	}
}

/** About what the block takes in memory. */
function blockBytes(block: SpanBlock): number {
	const { attributes, events, links } = block;
	const perRow = 200;
	const texts = [
		attributes.string.values,
		attributes.other.values,
		events.attributes.values,
		links.attributes.values,
		block.statusMessage,
		block.traceState,
		...block.promoted.flatMap((column) => ('bytes' in column ? [column] : [])),
	];
	const entries = attributes.string.keys.length + attributes.int64.keys.length + attributes.double.keys.length;
	return block.rows * perRow + entries * 12 + texts.reduce((total, column) => total + column.bytes.byteLength, 0);
}
