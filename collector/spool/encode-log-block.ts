import type { LogBlock } from '../../schema/log-block.ts';

/** Logs as one JSON document: they are few, and what is in them is text. 64-bit numbers are text in it. */
export function encodeLogBlock(block: LogBlock): Uint8Array<ArrayBuffer> {
	const identified = <Source extends { id: bigint }>(source: Source) => ({ ...source, id: String(source.id) });
	const { resources, scopes } = block;
	const document = { ...block, resources: resources.map(identified), scopes: scopes.map(identified) };
	return new TextEncoder().encode(JSON.stringify({ signal: 'logs', ...document }));
}
