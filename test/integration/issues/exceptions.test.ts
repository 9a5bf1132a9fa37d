import { afterAll, beforeAll, expect, test } from 'vitest';
import { AssignVariants } from '../../../collector/jobs/assign-variants.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { shuffled, timeMs, within } from '../store/oracle.ts';
import { openIssueStore } from './issue-store.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 1, 30, 30, 500);
const stepMs = 300_000;
let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
});
afterAll(() => store.close());

/** An exception that was recorded, and which cause it was, by hand. */
interface Labelled {
	span: PlainSpan;
	cause: string;
	event: number;
}

const causes: readonly {
	label: string;
	service: string;
	type: string;
	text(n: number): { message: string; stack: string };
}[] = [
	{
		label: 'node',
		service: 'payment',
		type: 'StripeTimeout',
		text: (n) => ({
			message: `charge ${n} timed out`,
			stack: `StripeTimeout: charge ${n} timed out\n    at charge (/srv/${n}/pay.js:${n}:1)\n    at run (/srv/${n}/x.js:2:1)`,
		}),
	},
	{
		label: 'another frame',
		service: 'payment',
		type: 'StripeTimeout',
		text: (n) => ({
			message: `charge ${n} timed out`,
			stack: `StripeTimeout: charge ${n} timed out\n    at refund (/srv/pay.js:1:1)`,
		}),
	},
	{
		label: 'python',
		service: 'stock',
		type: 'KeyError',
		text: (n) => ({
			message: `'item-${n}'`,
			stack: `Traceback (most recent call last):\n  File "/app/stock.py", line ${n}, in reserve\n    x\nKeyError: 'item-${n}'`,
		}),
	},
	{ label: 'no stack', service: 'mail', type: 'Bounced', text: (n) => ({ message: `mail ${n} bounced`, stack: '' }) },
	{
		label: 'no stack, other text',
		service: 'mail',
		type: 'Bounced',
		text: (n) => ({ message: `no route for ${n}`, stack: '' }),
	},
	{
		label: 'same in another service',
		service: 'news',
		type: 'Bounced',
		text: (n) => ({ message: `mail ${n} bounced`, stack: '' }),
	},
];

function makeSpans(seed: number, count: number): Labelled[] {
	const random = randomNumbers(seed);
	const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
	const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
	const traces = Array.from({ length: count / 4 }, () => hex(32));
	const labelled: Labelled[] = [];
	for (let index = 0; index < count; index += 1) {
		const endNano = BigInt(endMs - Math.floor(random() * 2 * hourMs)) * 1_000_000n;
		const [first, second] = [pick(causes), pick(causes)];
		const own = random() < 0.2 ? [first, ...(second.service === first.service ? [second] : [])] : [first];
		const span: PlainSpan = {
			traceId: pick(traces),
			spanId: hex(16),
			startUnixNano: endNano - 1_000_000n,
			endUnixNano: endNano,
			operation: pick(['GET /a', 'POST /b']),
			resource: {
				service: first.service,
				namespace: 'shop',
				environment: pick(['prod', 'test']),
				version: pick(['', 'v1', 'v2']),
			},
			events: [
				{ timeUnixNano: endNano, name: 'log' },
				...own.map((cause) => {
					const { message, stack } = cause.text(Math.floor(random() * 1_000));
					return {
						timeUnixNano: endNano,
						name: 'exception',
						attributes: [
							['exception.type', { stringValue: cause.type }] as const,
							['exception.message', { stringValue: message }] as const,
							...(stack === '' ? [] : [['exception.stacktrace', { stringValue: stack }] as const]),
						],
					};
				}),
			],
		};
		own.forEach((cause, event) => labelled.push({ span, cause: `${cause.service} ${cause.label}`, event }));
	}
	return labelled;
}

/** The same numbers, counted by hand. */
function expected(labelled: readonly Labelled[], scope: WindowScope) {
	const inScope = labelled.filter(
		({ span }) =>
			within(scope.window, span) &&
			(scope.environment === undefined || span.resource?.environment === scope.environment),
	);
	return [...Map.groupBy(inScope, ({ cause }) => cause)]
		.map(([cause, all]) => {
			const points = new Map<number, number>();
			for (const { span } of all) {
				const step = Math.floor(timeMs(span) / stepMs) * stepMs;
				points.set(step, (points.get(step) ?? 0) + 1);
			}
			return {
				service: cause.split(' ')[0],
				count: all.length,
				traces: new Set(all.map(({ span }) => span.traceId)).size,
				firstMs: Math.min(...all.map(({ span }) => timeMs(span))),
				lastMs: Math.max(...all.map(({ span }) => timeMs(span))),
				versions: [...new Set(all.map(({ span }) => span.resource?.version ?? ''))].filter((v) => v !== '').sort(),
				points: [...points].sort(([a], [b]) => a - b),
			};
		})
		.sort(byCount);
}

interface Counted {
	service: string | undefined;
	count: number;
	firstMs: number;
}
const byCount = (a: Counted, b: Counted) => b.count - a.count || a.firstMs - b.firstMs;

async function answered(scope: WindowScope) {
	const { groups } = await store.issues.issues(scope, stepMs);
	return groups
		.map(({ serviceName: service, count, traces, firstMs, lastMs, versions, points }) => ({
			service,
			count,
			traces,
			firstMs,
			lastMs,
			versions,
			points,
		}))
		.sort(byCount);
}

const byText = ([a]: readonly [string, number], [b]: readonly [string, number]) => (a < b ? -1 : 1);

test('groups, counts, traces, versions, first and last seen equal a count by hand: late, in pieces, shuffled, twice', async () => {
	const labelled = makeSpans(7, 1_200);
	const spans = [...new Set(labelled.map(({ span }) => span))];
	const random = randomNumbers(3);
	const pieces = shuffled([...spans, ...spans.slice(0, 300)], random);
	const jobs = new AssignVariants({
		table: store.variantTable,
		derivedTo: () => store.findingTable.storedTo(),
		clock: () => endMs,
	});
	for (let at = 0; at < 1_000; at += 250) await store.write('counted', pieces.slice(at, at + 250));
	await store.derive();
	while (await jobs.step()) continue;
	// These are not derived yet, and their variants are known.
	await store.write('counted', pieces.slice(1_000));
	const scopes: WindowScope[] = [
		{ project: 'counted', window: { fromMs: endMs - 3 * hourMs, toMs: endMs + 1 } },
		{ project: 'counted', window: { fromMs: endMs - hourMs, toMs: endMs - 600_123 } },
		{ project: 'counted', window: { fromMs: endMs - hourMs, toMs: endMs }, environment: 'prod' },
		{ project: 'counted', window: { fromMs: endMs - 20_000, toMs: endMs - 1_000 } },
	];
	for (const scope of scopes) expect(await answered(scope)).toEqual(expected(labelled, scope));
	await store.derive();
	while (await jobs.step()) continue;
	for (const scope of scopes) expect(await answered(scope)).toEqual(expected(labelled, scope));
	expect(await answered({ project: 'other', window: scopes[0]!.window })).toEqual([]);

	const [whole] = scopes;
	const { groups } = await store.issues.issues(whole!, stepMs);
	const issue = groups.find(({ culprit }) => culprit.startsWith('charge'))!;
	expect(issue).toMatchObject({ kind: 'exception', type: 'StripeTimeout', title: 'charge {n} timed out' });
	const own = labelled.filter(({ cause }) => cause === 'payment node');
	const seen = await store.issues.seen({ project: 'counted' }, [issue.issueId]);
	const versionsOf = (of: string) =>
		own.filter(({ span }) => (span.resource?.version ?? '') === of).map(({ span }) => timeMs(span));
	expect(new Map(seen.get(issue.issueId)?.map(({ version, firstMs, lastMs }) => [version, [firstMs, lastMs]]))).toEqual(
		new Map(
			['', 'v1', 'v2'].map((version) => [
				version,
				[Math.min(...versionsOf(version)), Math.max(...versionsOf(version))],
			]),
		),
	);

	const one = await store.issues.issue(whole!, issue.issueId, stepMs);
	expect(one?.samples).toHaveLength(25);
	const newest = own.map(({ span }) => timeMs(span)).sort((a, b) => b - a);
	expect(one?.samples.map(({ endMs: ms }) => ms)).toEqual(newest.slice(0, 25));
	for (const sample of one?.samples ?? [])
		expect(own.some(({ span }) => span.traceId === sample.traceId && span.spanId === sample.spanId)).toBe(true);

	const details = await store.issues.details(whole!, issue.issueId);
	const shares = (of: (span: PlainSpan) => string) =>
		[...Map.groupBy(own, ({ span }) => of(span))].map(([value, all]) => [value, all.length] as const).sort(byText);
	expect(details.operations.map(({ value, count }) => [value, count] as const).sort(byText)).toEqual(
		shares((span) => span.operation!),
	);
	expect(details.environments.map(({ value, count }) => [value, count] as const).sort(byText)).toEqual(
		shares((span) => span.resource!.environment!),
	);
	expect(details.messages[0]?.stack).toContain('at charge');
	expect(details.messages.reduce((total, { count }) => total + count, 0)).toBe(own.length);
});

test('an exception in a log counts once: beside the one that its span recorded, and with that one', async () => {
	const traceId = 'ab'.repeat(16);
	const text = causes[0]!.text(7);
	const endNano = BigInt(endMs) * 1_000_000n;
	const resource = { service: 'payment' };
	await store.write('logged', [
		{
			traceId,
			spanId: '01'.repeat(8),
			startUnixNano: endNano,
			endUnixNano: endNano,
			resource,
			events: [
				{
					timeUnixNano: endNano,
					name: 'exception',
					attributes: [
						['exception.type', { stringValue: 'StripeTimeout' }],
						['exception.message', { stringValue: text.message }],
						['exception.stacktrace', { stringValue: text.stack }],
					],
				},
			],
		},
	]);
	const log = (spanId: string, message: string, stack: string, nano: bigint, trace = traceId) => `
		SELECT 'logged', fromUnixTimestamp64Milli(${endMs}, 'UTC'), unhex('${trace}'), unhex('${spanId}'), ${nano}, 'payment',
			'StripeTimeout', '${message}', '${stack.replaceAll('\n', '\\n')}'`;
	const rows = [
		log('01'.repeat(8), text.message, text.stack, endNano), // The span's own, sent both ways.
		log('02'.repeat(8), text.message, text.stack, endNano), // Another span of the trace.
		log('02'.repeat(8), text.message, text.stack, endNano), // The same record again.
		log('00'.repeat(8), 'no trace at all', '', endNano + 1n, '00'.repeat(16)),
	];
	await store.clickhouse.derive(
		`INSERT INTO logs (project, time, trace_id, span_id, time_nano, service, exception_type, exception_message, exception_stacktrace)
		${rows.join(' UNION ALL ')}`,
		{},
		'test-logs',
	);
	await store.derive();
	const jobs = new AssignVariants({
		table: store.variantTable,
		derivedTo: () => store.findingTable.storedTo(),
		clock: () => endMs,
	});
	while (await jobs.step()) continue;
	const scope = { project: 'logged', window: { fromMs: endMs - hourMs, toMs: endMs + 1 } };
	const { groups } = await store.issues.issues(scope, stepMs);
	expect(groups).toMatchObject([
		{ title: 'charge {n} timed out', count: 2, traces: 1 },
		{ title: 'no trace at all', count: 1, traces: 0, samples: [] },
	]);
});
