import { afterAll, beforeAll, expect, test } from 'vitest';
import { AssignVariants } from '../../../collector/jobs/assign-variants.ts';
import type { IssueAnswer, IssuesAnswer } from '../../../schema/api-issues.ts';
import { issueGroup, issueWorld, now } from '../../support/issue-world.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openIssueStore } from './issue-store.ts';

const endMs = now - 60_000;
let spans = 0;

/** A span with an exception that its service and type alone tell from others. */
function failed(service: string, type: string, more: { operation?: string; version?: string; message?: string } = {}) {
	spans += 1;
	const [namespace = '', name = ''] = service.split('/');
	const endNano = BigInt(endMs - spans) * 1_000_000n;
	const span: PlainSpan = {
		traceId: spans.toString(16).padStart(32, '0'),
		spanId: spans.toString(16).padStart(16, '0'),
		startUnixNano: endNano - 1_000_000n,
		endUnixNano: endNano,
		operation: more.operation ?? `GET /${name}`,
		resource: { service: name, namespace, environment: 'prod', version: more.version ?? 'v1' },
		events: [
			{
				timeUnixNano: endNano,
				name: 'exception',
				attributes: [
					['exception.type', { stringValue: type }],
					['exception.message', { stringValue: more.message ?? `${type} of ${name}` }],
				],
			},
		],
	};
	return span;
}
const times = <Made>(count: number, make: (index: number) => Made) => Array.from({ length: count }, (_, i) => make(i));

/** Most frequent first. */
const FAILURES = [
	['shop/checkout', 'Timeout', 60],
	['shop/mail', 'Bounced', 20],
	['shop/stock', 'KeyError', 4],
	['back/stock', 'LookupError', 3],
	['shop/news', 'Refused', 2],
] as const;
/** Found in a trace rather than thrown, once. */
const FINDING = { service: 'shop/cart', type: '' } as const;

let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
	const [checkout, ...others] = FAILURES;
	// Each in an operation and a version of its own.
	const varied = times(checkout[2], (index) =>
		failed(checkout[0], checkout[1], { operation: `GET /${index}`, version: `v${index}` }),
	);
	await store.write('default', [
		...varied,
		...others.flatMap(([service, type, count]) => times(count, () => failed(service, type))),
	]);
	await store.derive();
	const { variantTable: table, findingTable } = store;
	const jobs = new AssignVariants({ table, derivedTo: () => findingTable.storedTo(), clock: () => now });
	while (await jobs.step()) continue;
	await findingTable.write('default', [
		{
			traceId: 'f'.repeat(32),
			issue: '77',
			analysedMs: now,
			timeMs: endMs,
			spanId: 'f'.repeat(16),
			kind: 'sequential-calls',
			namespace: 'shop',
			serviceName: 'cart',
			environment: 'prod',
			version: 'v1',
			operation: 'GET /cart',
			subject: 'GET /price\nGET /rating',
			places: 1,
			spans: 2,
			wastedNano: 5,
			gone: false,
		},
	]);
});
afterAll(() => store.close());

/** The routes before a store whose lists have room for two of the six issues. */
async function world() {
	const named = [...FAILURES.map(([service]) => service), FINDING.service].map((service, index) => {
		const [namespace = '', serviceName = ''] = service.split('/');
		return issueGroup(index.toString(16).padStart(16, '0'), { namespace, serviceName });
	});
	const opened = await issueWorld({ groups: named, issues: store.issuesUpTo(2) });
	const { issues } = await (await issueWorld({ groups: named, issues: store.issues })).list('');
	const idOf = (service: string) => issues.find((issue) => issue.service === service)?.issueId ?? '';
	return { ...opened, issues, idOf };
}
const servicesOf = ({ issues }: IssuesAnswer) => issues.map(({ service }) => service);

test('an issue that the list has no room for is found by what is counted of it', async () => {
	const { list, issues } = await world();
	expect(issues.map(({ service, count }) => [service, count])).toEqual([
		...FAILURES.map(([service, , count]) => [service, count]),
		[FINDING.service, 1],
	]);
	const all = await list('');
	expect(servicesOf(all)).toEqual(['shop/checkout', 'shop/mail']);
	expect(all.partial).toMatchObject({ seen: 2, of: 6 });
	expect(all.services).toEqual([...FAILURES.map(([service]) => service), FINDING.service].toSorted());
	for (const [query, expected] of [
		['service=shop/news', ['shop/news']],
		['service=news', ['shop/news']],
		['service=back/stock', ['back/stock']],
		['kind=performance', [FINDING.service]],
		['kind=sequential-calls', [FINDING.service]],
		['kind=gap', []],
		['q=REFUSED', ['shop/news']],
		['q=lookuperror of stock', ['back/stock']],
		['q=price, then get', [FINDING.service]],
		['q=get /news', ['shop/news']],
		['q=back/', ['back/stock']],
		['q=error&service=shop/stock', ['shop/stock']],
	] as const) {
		const answer = await list(query);
		expect(servicesOf(answer), query).toEqual(expected);
		expect(answer, query).not.toHaveProperty('partial');
		expect(answer.states.new, query).toBe(expected.length);
		expect(answer.services, query).toEqual(all.services);
	}
});

test('and by what was decided of it; states are counted of all that the other filters let through', async () => {
	const { list, change, idOf } = await world();
	expect((await change(idOf('shop/news'), { state: 'resolved', owner: 'Ann' })).status).toBe(200);
	expect((await change(idOf('shop/checkout'), { state: 'ignored', owner: 'bob' })).status).toBe(200);
	expect((await change(idOf('shop/stock'), { owner: 'Ann' })).status).toBe(200);
	for (const [query, expected] of [
		['owner=Ann', ['shop/stock', 'shop/news']],
		['owner=Ann&state=open', ['shop/stock']],
		['q=ann', ['shop/stock', 'shop/news']],
		['owner=-&q=stock', ['back/stock']],
		['state=open&q=stock', ['shop/stock', 'back/stock']],
	] as const) {
		const answer = await list(query);
		expect(servicesOf(answer), query).toEqual(expected);
		expect(answer, query).not.toHaveProperty('partial');
		expect(answer.owners, query).toEqual(['Ann', 'bob']);
	}
	for (const [state, service] of [
		['resolved', 'shop/news'],
		['ignored', 'shop/checkout'],
	] as const) {
		const answer = await list(`state=${state}`);
		expect(servicesOf(answer)).toEqual([service]);
		expect(answer.partial).toMatchObject({ seen: 2, of: 6, what: 'issues in the numbers by state' });
	}
	const open = await list('state=open');
	expect(servicesOf(open)).toEqual(['shop/mail', 'shop/stock']);
	expect(open.partial).toMatchObject({
		seen: 2,
		of: 4,
		reason: expect.stringContaining('2 of 6 issues in the numbers'),
	});
	expect((await list('owner=Ann&state=open')).states).toMatchObject({ new: 1, resolved: 1, ignored: 0 });
});

test('a bare name that several namespaces have is refused, with those', async () => {
	const { app } = await world();
	const answer = await app.request('/issues?service=stock');
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({
		code: 'AMBIGUOUS_SERVICE',
		detail: expect.stringContaining('shop/stock, back/stock'),
	});
});

test('a list says how many versions its issues have beside those that stand in their rows', async () => {
	const whole = await issueWorld({ groups: [], issues: store.issues });
	const { partial } = await whole.list('');
	expect(partial).toEqual({
		reason: 'Of issues with many versions some are listed',
		seen: 20,
		of: 60,
		what: 'versions',
	});
});

test('an issue says how many operations and versions it has beside those that are listed', async () => {
	const { detail, idOf } = await world();
	const answer: IssueAnswer = await detail(idOf('shop/checkout'));
	expect(answer.operations).toHaveLength(20);
	expect(answer.versions).toHaveLength(20);
	expect(answer.partial).toEqual({
		reason:
			'Those that are less frequent are left out; also (20 of 60 versions); Of versions of the service the newest are listed (50 of 60 versions)',
		seen: 20,
		of: 60,
		what: 'operations',
	});
	// Each is older than the one before.
	expect(answer.deploys.map(({ version }) => version)).toEqual(times(50, (index) => `v${index}`));
	const { versions, versionsOf } = answer.issue;
	expect([new Set(versions).size, versionsOf]).toEqual([20, 60]);
	expect(versions.every((version) => /^v[1-5]?[0-9]$/.test(version))).toBe(true);
	expect(await detail(idOf('shop/mail'))).not.toHaveProperty('partial');
});
