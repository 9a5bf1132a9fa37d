import { z } from 'zod';
import type { LogBlock } from '../../schema/log-block.ts';
import { blockSources, count, numbered, text } from './block-head.ts';
import { RecordError } from './record-error.ts';
import type { BlockCodec } from './spool-block.ts';

const hexId = (bytes: number) => z.string().regex(new RegExp(`^([0-9a-f]{${bytes * 2}})?$`));
const nanos = z.string().regex(/^\d{1,20}$/);

const logRecord = z.object({
	traceId: hexId(16),
	spanId: hexId(8),
	timeUnixNano: nanos,
	observedUnixNano: nanos,
	severity: z.int().min(0).max(24),
	severityText: text,
	eventName: text,
	body: text,
	exceptionType: text,
	exceptionMessage: text,
	exceptionStacktrace: text,
	attributes: z.array(z.tuple([text, text])),
	droppedAttributes: count,
	flags: count,
	marks: count,
	resource: count,
	scope: count,
});

const logBlock = z.object({
	signal: z.literal('logs'),
	version: z.literal(1),
	project: text,
	rows: count,
	timeUnixMs: z.array(z.int()),
	records: z.array(logRecord),
	...blockSources,
});

/** Throws RecordError for whatever could harm those who read the block. */
function decodeLogBlock(frame: Uint8Array): LogBlock {
	const parsed = logBlock.safeParse(parseJson(frame));
	if (!parsed.success) throw new RecordError(`the block of logs: ${z.prettifyError(parsed.error).slice(0, 1_000)}`);
	const { signal: _signal, ...block } = parsed.data;
	const { rows, records, timeUnixMs, resources, scopes } = block;
	if (records.length !== rows || timeUnixMs.length !== rows) {
		throw new RecordError(`${records.length} records and ${timeUnixMs.length} times; expected ${rows}`);
	}
	for (const { resource, scope } of records) {
		if (resource >= resources.length || scope >= scopes.length) {
			throw new RecordError(`resource ${resource} of ${resources.length}, scope ${scope} of ${scopes.length}`);
		}
	}
	return block;
}

/** The same for a frame that never left this process: nothing is looked at. */
export function openLogBlock(frame: Uint8Array): LogBlock {
	const { signal: _signal, ...block } = parseJson(frame) as z.input<typeof logBlock>;
	return { ...block, resources: block.resources.map(numbered), scopes: block.scopes.map(numbered) };
}

export const logBlockCodec: BlockCodec<LogBlock> = { decode: decodeLogBlock, open: openLogBlock };

function parseJson(frame: Uint8Array): unknown {
	try {
		return JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString());
	} catch {
		throw new RecordError('the block of logs is no JSON');
	}
}
