import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { openStore } from '../../../collector/store/store.ts';
import type { Store } from '../../../collector/store/store.ts';
import type { TraceId } from '../../../schema/span.ts';
import { clickHouseFront } from '../../support/clickhouse-front.ts';
import type { ClickHouseFront } from '../../support/clickhouse-front.ts';
import { storeOptions, temporaryFolder, throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';

const endMs = Date.UTC(2026, 10, 20, 12);
const spans = randomSpans({ seed: 41, count: 500, endMs, withinMs: 4 * 3_600_000 });
const scope = { project: 'default', window: { fromMs: endMs - 3 * 3_600_000, toMs: endMs } };
const everything = { where: '1', parameters: {} };

const folder = temporaryFolder();
let server: EmbeddedServer;
let front: ClickHouseFront;
let remote: Store;
let embedded: ThrowAwayStore;

beforeAll(async () => {
	server = await EmbeddedServer.start(folder.path, silentLog);
	front = await clickHouseFront(server);
	const { url } = front;
	const options = {
		...storeOptions(folder.path),
		database: 'elsewhere',
		remote: { url, username: 'default', password: '' },
	};
	remote = await openStore(options);
	embedded = await throwAwayStore();
	for (const store of [remote, embedded]) await store.writer.append(spanBlock(spans));
});
afterAll(async () => {
	await remote.close();
	await embedded[Symbol.asyncDispose]();
	await front.close();
	await server.stop();
	folder.remove();
});

test('a remote server gives the same answers as the embedded one', async () => {
	expect(remote.kind).toBe('remote');
	expect(remote.version).toBe(embedded.version);
	const both = async (ask: (store: Store) => Promise<unknown>) => {
		const [there, here] = await Promise.all([ask(remote), ask(embedded)]);
		expect(there).toEqual(here);
		return here;
	};
	expect(await both((store) => store.red.services(scope, { stepMs: 600_000, spans: 'entry' }))).not.toEqual([]);
	await both((store) => store.red.operations(scope, { service: 'cart' }, 600_000));
	await both((store) => store.search.traces(scope, everything, { sort: '-duration', limit: 40 }));
	await both((store) => store.search.spans(scope, everything, { sort: 'start', limit: 40 }));
	await both((store) => store.search.count(scope, everything));
	const traceId = spans[0]!.traceId as TraceId;
	expect(await both((store) => store.traces.otlp(scope, traceId, undefined))).toBeDefined();
	await both((store) => store.traces.spans(scope, traceId, undefined, 100));
	await both((store) => store.status.newestMs(scope));
});

test('a server that goes away is a 503 that says so, and is used again when it is back', async () => {
	const { port } = front;
	await front.close();
	const away = { status: 503, code: 'STORE_UNAVAILABLE', queryId: expect.any(String) };
	await expect(remote.search.count(scope, everything)).rejects.toMatchObject(away);
	// Whoever waits for its answer is told after a while; the rows are not given up.
	const stored = remote.writer.rowsStored;
	const late = remote.writer.append(spanBlock(spans.slice(0, 1)));
	await expect.poll(() => remote.writer.storeFailure?.reason).toContain("can't be reached");
	await expect(remote.status.ping()).rejects.toMatchObject({ status: 503 });
	expect(remote.state()).toMatchObject({ ready: false, reason: expect.stringContaining("can't be reached") });

	front = await clickHouseFront(server, port);
	expect((await remote.search.count(scope, everything)).spans).toBeGreaterThan(0);
	expect(remote.state()).toEqual({ ready: true });
	await late;
	expect(remote.writer.rowsStored).toBe(stored + 1);
	expect(remote.writer.storeFailure).toBeUndefined();
});

test('a read whose connection was closed while it lay idle is asked once more, a write only once it is known to be missing', async () => {
	const { spans: found } = await remote.search.count(scope, everything);
	front.cut(1);
	expect(await remote.search.count(scope, everything)).toMatchObject({ spans: found });
	front.cut(2);
	await expect(remote.search.count(scope, everything)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
	front.cut(1);
	const stored = remote.writer.rowsStored;
	await remote.writer.append(spanBlock(spans.slice(0, 1)));
	expect(remote.writer.rowsStored).toBe(stored + 1);
});

test('wrong credentials are refused at the start, without waiting', async () => {
	const other = temporaryFolder();
	const options = { ...storeOptions(other.path), remote: { url: front.url, username: 'nobody', password: 'wrong' } };
	const refused = { code: 'STORE_UNREACHABLE', message: expect.stringContaining('CLICKHOUSE_URL') };
	await expect(openStore(options)).rejects.toMatchObject(refused);
	// The folder is free again, or the reason would be another one now.
	await expect(openStore(options)).rejects.toMatchObject(refused);
	other.remove();
});

test('a second instance on the same data folder is refused with a server of its own, too', async () => {
	const options = { ...storeOptions(folder.path), remote: { url: front.url, username: 'default', password: '' } };
	await expect(openStore(options)).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
});
