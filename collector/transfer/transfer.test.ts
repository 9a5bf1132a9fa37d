import { expect, test } from 'vitest';
import type { OtlpTracesData } from '../../schema/otlp-json.ts';
import { exportTraces } from './export-traces.ts';
import { importTraces } from './import-traces.ts';

const span = (number: number) => ({
	traceId: 'a'.repeat(32),
	spanId: number.toString(16).padStart(16, '0'),
	name: 'work',
	kind: 1,
	startTimeUnixNano: '1',
	endTimeUnixNano: '2',
	attributes: [],
	status: {},
});
const document = (from: number, to: number, service = 'cart'): OtlpTracesData => ({
	resourceSpans: [
		{
			resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
			scopeSpans: [{ scope: { name: 'lib' }, spans: Array.from({ length: to - from }, (_, n) => span(from + n)) }],
		},
	],
});

const textOf = (input: Parameters<typeof globalThis.fetch>[0]): string =>
	input instanceof Request ? input.url : input.toString();

/** A listener that answers in turn, and keeps what it was sent. */
function listener(...answers: Response[]) {
	const sent: { url: string; authorization: string | null; body: OtlpTracesData }[] = [];
	const fetch: typeof globalThis.fetch = async (url, init) => {
		const authorization = new Headers(init?.headers).get('authorization');
		sent.push({ url: textOf(url), authorization, body: JSON.parse(init?.body as string) as OtlpTracesData });
		return answers.shift() ?? Response.json({});
	};
	return { sent, fetch };
}
const options = { url: 'http://host:4318/', key: undefined };

test('a document, pretty or not, and documents line by line are sent', async () => {
	const { sent, fetch } = listener();
	const pretty = JSON.stringify(document(0, 3), null, 2);
	expect(await importTraces({ ...options, key: 'sph_1', text: pretty, fetch })).toEqual({ spans: 3, refusals: [] });
	expect(sent[0]).toEqual({ url: 'http://host:4318/v1/traces', authorization: 'Bearer sph_1', body: document(0, 3) });
	const lines = `${JSON.stringify(document(0, 1))}\n\n${JSON.stringify(document(1, 3, 'mail'))}\n`;
	expect(await importTraces({ ...options, text: lines, fetch })).toEqual({ spans: 3, refusals: [] });
	expect(sent.slice(1).map(({ body }) => body)).toEqual([document(0, 1), document(1, 3, 'mail')]);
});

test('a large document goes in pieces that hold every span once, under its resource and scope', async () => {
	const { sent, fetch } = listener();
	const both = {
		resourceSpans: [...document(0, 1_500).resourceSpans, ...document(1_500, 4_100, 'mail').resourceSpans],
	};
	expect(await importTraces({ ...options, text: JSON.stringify(both), fetch })).toMatchObject({ spans: 4_100 });
	const pieces = sent.map(({ body }) =>
		body.resourceSpans.flatMap(({ resource, scopeSpans }) =>
			scopeSpans.flatMap(({ scope, spans }) =>
				spans.map(
					({ spanId }) => `${resource.attributes[0]!.value.stringValue} ${scope.name} ${Number.parseInt(spanId, 16)}`,
				),
			),
		),
	);
	expect(pieces.map(({ length }) => length)).toEqual([2_000, 2_000, 100]);
	expect(pieces.flat()).toEqual(Array.from({ length: 4_100 }, (_, n) => `${n < 1_500 ? 'cart' : 'mail'} lib ${n}`));
});

test('busy listeners are tried again; what they refuse is told', async () => {
	const busy = () => Response.json({ message: 'full' }, { status: 503, headers: { 'retry-after': '0' } });
	const partial = Response.json({ partialSuccess: { rejectedSpans: '1', errorMessage: 'bad id' } });
	const { sent, fetch } = listener(busy(), busy(), partial);
	const text = JSON.stringify(document(0, 3));
	expect(await importTraces({ ...options, text, fetch })).toEqual({ spans: 2, refusals: ['1 span refused: bad id'] });
	expect(sent).toHaveLength(3);
	const always = listener(...Array.from({ length: 6 }, busy));
	await expect(importTraces({ ...options, text, fetch: always.fetch })).rejects.toThrow('503: full');
	const denied = listener(Response.json({ message: 'no ingest key' }, { status: 401 }));
	await expect(importTraces({ ...options, text, fetch: denied.fetch })).rejects.toThrow('401: no ingest key');
});

test.each([
	['{"spans":[]}', 'the file has no resourceSpans'],
	['{"resourceSpans":[]}\nnoise', 'line 2 is not JSON'],
	['{"resourceSpans":[]}\n[]', 'line 2 has no resourceSpans'],
])('%s is no file of traces: %s', async (text, problem) => {
	await expect(importTraces({ ...options, text, fetch: listener().fetch })).rejects.toThrow(problem);
});

test('a query is exported page by page up to the limit, each trace in a line', async () => {
	const asked: string[] = [];
	const ids = Array.from({ length: 250 }, (_, n) => n.toString(16).padStart(32, '0'));
	const fetch: typeof globalThis.fetch = async (input, init) => {
		const url = new URL(textOf(input));
		asked.push(`${url.pathname}${url.search} ${new Headers(init?.headers).get('authorization')}`);
		const [, id] = /traces\/(\w+)\/otlp/.exec(url.pathname) ?? [];
		if (id !== undefined) return Response.json({ id });
		const from = Number(url.searchParams.get('cursor') ?? 0);
		const to = from + Number(url.searchParams.get('limit'));
		const traces = ids.slice(from, to).map((traceId) => ({ traceId, endMs: 5 }));
		return Response.json({ traces, ...(to < ids.length ? { nextCursor: String(to) } : {}) });
	};
	const lines: string[] = [];
	const write = async (line: string) => void lines.push(line);
	const window = { from: 'now-1h', to: 'now', project: undefined, write, fetch };
	const ask = { ...window, url: 'http://host:4319/base/', token: 'spt_1', what: 'service:cart', limit: 120 };
	expect(await exportTraces(ask)).toEqual({ traces: 120, isCut: true });
	expect(lines).toEqual(ids.slice(0, 120).map((id) => `{"id":"${id}"}\n`));
	expect(asked[0]).toBe('/base/api/v1/traces?q=service%3Acart&from=now-1h&to=now&limit=100 Bearer spt_1');
	expect(asked.find((url) => url.includes('/otlp'))).toBe(`/base/api/v1/traces/${ids[0]}/otlp?at=5 Bearer spt_1`);
	expect(await exportTraces({ ...ask, limit: 250 })).toEqual({ traces: 250, isCut: false });
	lines.length = 0;
	expect(await exportTraces({ ...ask, what: 'A'.repeat(32), limit: 1 })).toEqual({ traces: 1, isCut: false });
	expect(lines).toEqual([`{"id":"${'a'.repeat(32)}"}\n`]);
	const gone: typeof globalThis.fetch = async () => Response.json({ detail: 'no trace' }, { status: 404 });
	await expect(exportTraces({ ...ask, fetch: gone })).rejects.toThrow('404: no trace');
});
