/** Parameters reach ClickHouse as they are, whether they fit an address or not, and through proxies that take short ones only. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { clickHouseFront } from '../../support/clickhouse-front.ts';
import type { ClickHouseFront } from '../../support/clickhouse-front.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';

const hostile = [
	"'; DROP TABLE spans --",
	'back\\slash \\n \\',
	'tab\t, line\nfeed, carriage\rreturn, both\r\n',
	'\u0000 and \u0001',
	'--boundary\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT 1',
	'{name:String}',
	'ünïcode 日本語 🦀',
	'',
	'\\N',
	'NULL',
];
const ASKED = `SELECT {text:String} AS text, {list:Array(String)} AS list, arrayMap(n -> toString(n), {numbers:Array(UInt64)}) AS numbers,
	{count:UInt32} AS count, {nothing:Nullable(String)} AS nothing, {isSo:Bool} AS isSo, {ratio:Float64} AS ratio, 'as \\n it
stands' AS literal`;

let server: EmbeddedServer;
let front: ClickHouseFront;
let direct: ClickHouse;
let behind: ClickHouse;
const user = { username: 'default', password: '' };
const folder = temporaryFolder();

beforeAll(async () => {
	server = await EmbeddedServer.start(folder.path, silentLog);
	front = await clickHouseFront(server);
	direct = new ClickHouse(server.address, user, 'default');
	behind = new ClickHouse({ url: front.url, headers: {} }, user, 'default');
}, 60_000);
afterAll(async () => {
	await direct.close();
	await behind.close();
	await front.close();
	await server.stop();
	folder.remove();
});

const ids = (count: number): string[] =>
	Array.from({ length: count }, (_, i) => (i + 2 ** 40).toString(16).padStart(32, '0'));

test.each([0, 20, 500, 3_000])('with %i more in a list, texts arrive as they were', async (more) => {
	for (const text of hostile) {
		const bound = {
			text,
			list: [...hostile, ...ids(more)],
			numbers: [0n, 18446744073709551615n],
			count: 7,
			ratio: 0.1,
			nothing: null,
			isSo: true,
		};
		for (const clickhouse of [direct, behind]) {
			expect(await clickhouse.rows(ASKED, bound)).toEqual([
				{ ...bound, numbers: ['0', '18446744073709551615'], literal: 'as \n it\nstands' },
			]);
		}
	}
});

test('a query that is longer than a field of a form may be has its parameters in the address', async () => {
	const asked = `SELECT length({list:Array(String)}) AS ids, length('${'x'.repeat(200_000)}') AS letters`;
	expect(await direct.rows(asked, { list: ids(500) })).toEqual([{ ids: 500, letters: 200_000 }]);
});
