import { afterAll, beforeAll, expect, test } from 'vitest';
import { AssignVariants } from '../../../collector/jobs/assign-variants.ts';
import type { MergedIssues } from '../../../collector/store/issues/issue-types.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { shuffled, timeMs, within } from '../store/oracle.ts';
import { openIssueStore } from './issue-store.ts';
import { byCount, causes, endMs, expected, hourMs, makeSpans, stepMs } from './labelled-exceptions.ts';

let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
});
afterAll(() => store.close());

async function answered(scope: WindowScope, merged?: MergedIssues) {
	const { groups } = await store.issues.issues(scope, stepMs, merged);
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

	const one = await store.issues.issue(whole!, [issue.issueId], stepMs);
	expect(one?.samples).toHaveLength(25);
	const newest = own.map(({ span }) => timeMs(span)).sort((a, b) => b - a);
	expect(one?.samples.map(({ endMs: ms }) => ms)).toEqual(newest.slice(0, 25));
	for (const sample of one?.samples ?? [])
		expect(own.some(({ span }) => span.traceId === sample.traceId && span.spanId === sample.spanId)).toBe(true);

	const details = await store.issues.details(whole!, [issue.issueId]);
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

test('merged issues add up, a trace of several once, in the list and by themselves, and keep the words of the one that stands for them', async () => {
	const labelled = makeSpans(7, 1_200);
	const scopes: WindowScope[] = [
		{ project: 'counted', window: { fromMs: endMs - 3 * hourMs, toMs: endMs + 1 } },
		{ project: 'counted', window: { fromMs: endMs - hourMs, toMs: endMs - 600_123 }, environment: 'prod' },
	];
	const { groups } = await store.issues.issues(scopes[0]!, stepMs);
	const idOf = (start: string) => groups.find(({ culprit }) => culprit.startsWith(start))!.issueId;
	const [charge, refund] = [idOf('charge'), idOf('refund')];
	const bounced = groups.find(({ title }) => title.startsWith('no route'))!.issueId;
	const mail = groups.find(({ title, serviceName }) => title.startsWith('mail') && serviceName === 'mail')!.issueId;
	const merged = { members: [charge, mail], roots: [refund, bounced] };
	const causeOf = (cause: string) =>
		({ 'payment node': 'payment another frame', 'mail no stack': 'mail no stack, other text' })[cause] ?? cause;
	for (const scope of scopes) expect(await answered(scope, merged)).toEqual(expected(labelled, scope, causeOf));

	const own = labelled.filter(({ cause }) => causeOf(cause) === 'payment another frame');
	const one = await store.issues.issue(scopes[0]!, [refund, charge], stepMs);
	expect(one).toMatchObject({
		issueId: refund,
		culprit: expect.stringMatching(/^refund/),
		count: own.length,
		traces: new Set(own.map(({ span }) => span.traceId)).size,
	});
	const newest = own.map(({ span }) => timeMs(span)).sort((a, b) => b - a);
	expect(one?.samples.map(({ endMs: ms }) => ms)).toEqual(newest.slice(0, 25));
	const tracesOf = (labels: readonly { span: PlainSpan }[]) =>
		[...new Set(labels.map(({ span }) => span.traceId))].sort();
	expect(await store.tracesOf(scopes[0]!, `trace.issue:(${refund} OR ${charge})`)).toEqual(tracesOf(own));
	const { messages, members } = await store.issues.details(scopes[0]!, [refund, charge]);
	expect(messages.reduce((total, { count }) => total + count, 0)).toBe(own.length);
	const ofCause = (cause: string) => labelled.filter((one) => one.cause === cause);
	const shareOf = (issueId: string, cause: string) => ({
		issueId,
		count: ofCause(cause).length,
		lastMs: Math.max(...ofCause(cause).map(({ span }) => timeMs(span))),
	});
	expect(members.sort((x, y) => x.count - y.count)).toEqual(
		[shareOf(charge, 'payment node'), shareOf(refund, 'payment another frame')].sort((x, y) => x.count - y.count),
	);
	for (const scope of scopes) {
		const inScope = labelled.filter(
			({ span }) =>
				within(scope.window, span) && span.resource?.environment === (scope.environment ?? span.resource?.environment),
		);
		const counted = await store.issues.occurrences(scope, [refund, charge]);
		expect(new Map(counted.map(({ issueId, count }) => [issueId, count]))).toEqual(
			new Map([
				[refund, inScope.filter(({ cause }) => cause === 'payment another frame').length],
				[charge, inScope.filter(({ cause }) => cause === 'payment node').length],
			]),
		);
	}
	// Some of them alone, merged ones by ids of their own, and more than ClickHouse takes in one list.
	const alone = await store.issues.issues(scopes[0]!, stepMs, merged, { only: [refund, charge] });
	expect(alone).toEqual({ groups: [{ ...one!, samples: one!.samples.slice(0, 3) }], total: 1 });
	const many = Array.from({ length: 9_000 }, (_, index) => index.toString(16).padStart(16, '0'));
	const ids = [refund, ...many, charge] as const;
	expect((await store.issues.occurrences(scopes[0]!, ids)).map(({ issueId }) => issueId).sort()).toEqual(
		[refund, charge].sort(),
	);
	expect([...(await store.issues.seen(scopes[0]!, ids)).keys()].sort()).toEqual([refund, charge].sort());
	const firstOf = (version: string) =>
		Math.min(
			...labelled
				.filter(({ span }) => span.resource?.service === 'payment' && span.resource.version === version)
				.map(({ span }) => timeMs(span)),
		);
	const versions = (await store.issues.versions({ project: 'counted' })).get(JSON.stringify(['shop', 'payment']));
	expect(versions?.map(({ version, firstSeenMs }) => ({ version, firstSeenMs }))).toEqual(
		['v1', 'v2']
			.map((version) => ({ version, firstSeenMs: firstOf(version) }))
			.sort((x, y) => y.firstSeenMs - x.firstSeenMs),
	);
	for (const traceId of own.slice(0, 5).map(({ span }) => span.traceId)) {
		const there = new Set(labelled.filter(({ span }) => span.traceId === traceId).map(({ cause }) => cause));
		const found = await store.issues.ofTrace(scopes[0]!, traceId);
		expect(found).toMatchObject({ issueIds: { length: there.size }, total: there.size });
		expect([found.issueIds.includes(charge), found.issueIds.includes(refund)]).toEqual([
			there.has('payment node'),
			there.has('payment another frame'),
		]);
	}
	// The one that stands for others need not occur itself.
	const absent = await store.issues.issue(scopes[0]!, ['0123456789abcdef', charge], stepMs);
	expect(absent).toMatchObject({ issueId: '0123456789abcdef', culprit: expect.stringMatching(/^charge/) });
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
	// Of logs alone: a span of the trace has to be there to be found.
	expect(await store.tracesOf(scope, `trace.issue:${groups[0]!.issueId}`)).toEqual([traceId]);
	expect(await store.tracesOf(scope, `trace.issue:${groups[1]!.issueId}`)).toEqual([]);
});
