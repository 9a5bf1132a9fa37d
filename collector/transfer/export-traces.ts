import { parseTraceId } from '../../schema/span.ts';
import type { TracesAnswer } from '../../schema/api.ts';
import { problemOf, TransferError } from './transfer-error.ts';

interface ExportOptions {
	/** Of the screen. */
	url: string;
	token: string | undefined;
	/** A trace id, or a query. */
	what: string;
	from: string;
	to: string;
	limit: number;
	project: string | undefined;
	/** A line, with its end. */
	write: (line: string) => Promise<void>;
	fetch?: typeof globalThis.fetch;
}

const pageSize = 100;

/** Writes traces as lines of OTLP/JSON. Throws TransferError with the server's words. */
export async function exportTraces(options: ExportOptions): Promise<{ traces: number; isCut: boolean }> {
	const traceId = parseTraceId(options.what);
	if (traceId !== undefined) {
		await options.write(`${await readTrace(options, traceId, undefined)}\n`);
		return { traces: 1, isCut: false };
	}
	let traces = 0;
	let cursor: string | undefined;
	do {
		const page = await readPage(options, Math.min(pageSize, options.limit - traces), cursor);
		for (const { traceId, endMs } of page.traces) {
			await options.write(`${await readTrace(options, traceId, endMs)}\n`);
			traces += 1;
		}
		cursor = page.nextCursor;
	} while (cursor !== undefined && traces < options.limit);
	return { traces, isCut: cursor !== undefined };
}

async function readPage(options: ExportOptions, limit: number, cursor: string | undefined): Promise<TracesAnswer> {
	const { what: q, from, to } = options;
	const response = await ask(options, '/traces', { q, from, to, limit: String(limit), cursor });
	return (await response.json()) as TracesAnswer;
}

/** One line: JSON as the server writes it has no other line ends than escaped ones. */
const readTrace = async (options: ExportOptions, traceId: string, at: number | undefined): Promise<string> =>
	(await ask(options, `/traces/${traceId}/otlp`, { at: at?.toString() })).text();

async function ask(
	{ url, token, project, fetch = globalThis.fetch }: ExportOptions,
	path: string,
	query: Readonly<Record<string, string | undefined>>,
): Promise<Response> {
	const address = new URL(`${url.replace(/\/$/, '')}/api/v1${path}`);
	for (const [name, value] of Object.entries({ ...query, project }))
		if (value !== undefined) address.searchParams.set(name, value);
	const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
	let response: Response;
	try {
		response = await fetch(address, { headers });
	} catch {
		throw new TransferError(`no Spanhouse answers at ${url}; --url says where it is`);
	}
	if (!response.ok) throw new TransferError(await problemOf(response));
	return response;
}
