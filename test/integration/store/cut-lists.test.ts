/** Lists of the store that have an end: which part is told, and how much there is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BucketDeriver } from '../../../collector/store/buckets/bucket-deriver.ts';
import { createChangeReader } from '../../../collector/store/counts/change-reader.ts';
import { createIngestReader } from '../../../collector/store/ingest-reader.ts';
import { createRedReader } from '../../../collector/store/counts/red-reader.ts';
import type { RedMarks } from '../../../collector/store/counts/red-source.ts';
import { createServiceMapReader } from '../../../collector/store/map/service-map-reader.ts';
import { ReadBudget } from '../../../collector/store/read-budget.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openIssueStore } from '../issues/issue-store.ts';

const endMs = Date.UTC(2026, 10, 20, 12);
const hourMs = 3_600_000;
const scope: WindowScope = { project: 'default', window: { fromMs: endMs - hourMs, toMs: endMs } };

let ids = 0;
/** The first version of `many` ends first; service `s0` has one request, `s1` two, and so on. */
const many = 130;
const spans: PlainSpan[] = [
	...Array.from({ length: many }, (_, version) => served('many', `v${version}`, endMs - (many - version) * 10_000, `GET /${version}`)),
	...Array.from({ length: 6 }, (_, service) =>
		Array.from({ length: service + 1 }, () => served(`s${service}`, 'v0', endMs - hourMs + 1_000, 'GET /')),
	).flat(),
	served('late', 'v0', endMs - 60_000, 'GET /'),
]; // prettier-ignore

function served(service: string, version: string, ms: number, operation: string): PlainSpan {
	ids += 1;
	const endUnixNano = BigInt(ms) * 1_000_000n;
	const id = ids.toString(16);
	return {
		traceId: id.padStart(32, '0'),
		spanId: id.padStart(16, '0'),
		startUnixNano: endUnixNano - 1_000_000n,
		endUnixNano,
		kind: 2,
		operation,
		resource: {
			service,
			version,
			environment: 'prod',
			attributes: [
				['telemetry.sdk.name', { stringValue: 'opentelemetry' }],
				['telemetry.sdk.version', { stringValue: `1.${version}` }],
			],
		},
		scope: { name: 'http', version },
	};
}

let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
	await store.write('default', spans);
	await store.derive();
});
afterAll(() => store.close());

const minutesMark = () => store.mark('red_minutes');
const marks = () => {
	const services = { minutes: store.mark('service_minutes'), hours: store.mark('service_hours') };
	return { minutes: minutesMark(), services } as RedMarks;
};
const changesWith = (versions: number, operations: number) =>
	createChangeReader(store.clickhouse, store.clickhouse, marks, async () => {}, { versions, operations });

test('of more versions than are read those that began last are told, in their order, and how many there are', async () => {
	const { versions, total } = await changesWith(5, 10).versions(scope, { service: 'many' });
	expect(versions.map(({ version }) => version)).toEqual(['v125', 'v126', 'v127', 'v128', 'v129']);
	expect(total).toBe(many);
	const whole = await changesWith(1_000, 10).versions(scope);
	expect(whole.total).toBe(many + 7);
	expect(whole.versions.map(({ service, version }) => `${service} ${version}`)).toEqual([
		'late v0',
		...Array.from({ length: many }, (_, version) => `many v${version}`),
		...Array.from({ length: 6 }, (_, service) => `s${service} v0`),
	]);
	expect((await changesWith(5, 10).versions(scope, { service: 'none' })).total).toBe(0);
});

test('of more operations than are compared it is said how many there are', async () => {
	const cut = await changesWith(5, 10).sides(scope, { service: 'many' }, 'v129');
	expect(cut.read).toEqual({ seen: 10, of: many });
	const whole = await changesWith(5, 1_000).sides(scope, { service: 'many' }, 'v129');
	expect(whole.read).toEqual({ seen: many, of: many });
	expect([whole.version.entry.red.requests, whole.others.entry.red.requests]).toEqual([1, many - 1]);
});

test('of more new versions than a series marks the newest are told, oldest first, and how many there are', async () => {
	const marks = () => ({ versions: store.mark('service_versions') }) as RedMarks;
	const { versions, total } = await createRedReader(store.clickhouse, marks).newVersions(scope, { service: 'many' });
	expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: 100 }, (_, place) => `v${place + 30}`));
	expect(total).toBe(many);
});

test('of more SDKs and scopes than a row has room for it says how many there are', async () => {
	const { services } = await createIngestReader(store.clickhouse, minutesMark).services(scope);
	const [row] = services;
	const newestMs = endMs - 10_000;
	const recent = spans.filter(
		({ resource, endUnixNano }) =>
			resource?.service === 'many' && Number(endUnixNano / 1_000_000n) >= newestMs - 15 * 60_000,
	);
	expect(row).toMatchObject({ service: 'many', sdksOf: many, scopesOf: recent.length });
	expect([row!.sdks.length, row!.scopes.length]).toEqual([20, 20]);
	expect(services.find(({ service }) => service === 's5')).toMatchObject({
		sdks: { length: 1 },
		sdksOf: 1,
		scopesOf: 0,
	});
	expect(services.find(({ service }) => service === 'late')).toMatchObject({ sdksOf: 1, scopesOf: 1 });
});

test('of more services than a map has room for those with the most requests are told, and how many there are', async () => {
	const nothing = { pending: () => 0 } as unknown as BucketDeriver;
	const read = (most: number) =>
		createServiceMapReader(store.clickhouse, nothing, marks, new ReadBudget(store.clickhouse), most).edges(scope);
	const cut = await read(3);
	expect(cut.services.map(({ name, requests }) => [name, requests])).toEqual([['many', many], ['s5', 6], ['s4', 5]]); // prettier-ignore
	expect(cut.servicesFound).toBe(8);
	const whole = await read(100);
	expect([whole.services.length, whole.servicesFound]).toEqual([8, 8]);
});
