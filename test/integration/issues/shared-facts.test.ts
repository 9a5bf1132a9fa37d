import { afterAll, beforeAll, expect, test } from 'vitest';
import { searchedTraces } from '../../../collector/store/issues/finding-spans.ts';
import type { TraceToSearch } from '../../../collector/store/job-types.ts';
import { readNative } from '../../../collector/store/native/native-reader.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openIssueStore } from './issue-store.ts';

const endMs = Date.UTC(2026, 10, 20, 1, 30);
const traceId = 'ab'.repeat(16);
const hostile = [
	'"],["',
	String.raw`back\slash \u0000 \"`,
	'nul\0 tab\t line\nreturn\r bell\u0007 delete\u007f',
	'\u2028\u2029 ünïcödé 🐘 \ufffd',
	"it's `{subject:String}` </script>",
	'__proto__',
	'null',
	'7',
	' ',
];

let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
});
afterAll(() => store.close());

const span = (at: number, more: Partial<PlainSpan>): PlainSpan => ({
	traceId,
	spanId: (at + 1).toString(16).padStart(16, '0'),
	startUnixNano: BigInt(endMs - 1_000 + at) * 1_000_000n,
	endUnixNano: BigInt(endMs - 1_000 + at) * 1_000_000n + 500n,
	...more,
});

async function search(project: string): Promise<TraceToSearch[]> {
	const traces = [{ project, traceId, fromMs: endMs - 10_000, toMs: endMs, spans: 1, firstCommit: 1 }];
	return searchedTraces(readNative(Buffer.from(await store.findingTable.read(project, traces, 1_000))));
}

test('whatever senders write comes back as it was, of each span', async () => {
	const spans = hostile.map((text, at) =>
		span(at, { operation: text, resource: { service: text, namespace: text, environment: text, version: text } }),
	);
	await store.write('texts', spans);
	const [found] = await search('texts');
	expect(found?.traceId).toBe(traceId);
	expect([...found!.spans.name].map((fact) => found!.facts[fact])).toEqual(
		hostile.map((text) => ({
			namespace: text,
			serviceName: text,
			environment: text,
			version: text,
			operation: text,
			subject: text,
			isCall: false,
			isRead: false,
			identity: '',
		})),
	);
	expect([...found!.spans.service].map((service) => found!.spans.services[service])).toEqual(
		hostile.map((text) => `${text}/${text}`),
	);
});

test('a path that is cut within a character is a subject like another', async () => {
	const path = `/${'ü'.repeat(150)}`;
	const calls = [0, 1, 2].map((at) =>
		span(at, {
			kind: SPAN_KINDS.indexOf('client'),
			type: SPAN_TYPES.indexOf('http'),
			operation: 'GET',
			promoted: { 'http.request.method': 'GET', 'server.address': 'prices', 'url.path': path },
			attributes: [['url.full', { stringValue: `http://prices${path}?page=${at === 2 ? 2 : 1}` }]],
		}),
	);
	await store.write('paths', calls);
	const [found] = await search('paths');
	const facts = [...found!.spans.name].map((fact) => found!.facts[fact]!);
	expect(new Set(facts.map(({ subject }) => subject))).toEqual(new Set([`GET prices/${'ü'.repeat(99)}\ufffd`]));
	expect(facts.map(({ isCall, isRead }) => [isCall, isRead])).toEqual(calls.map(() => [true, true]));
	// The first two ask the same, the third another page.
	expect(facts[0]).toBe(facts[1]);
	expect(facts[2]?.identity).not.toBe(facts[0]?.identity);
	expect(facts.every(({ identity }) => identity !== '')).toBe(true);
});
