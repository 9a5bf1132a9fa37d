import { silentLog } from '../../collector/log.ts';
import { ClickHouse } from '../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';

/** Rollups that are asked about over weeks, and their column of time. */
const ROLLUPS: Readonly<Record<string, string>> = {
	red_minutes: 'minute',
	red_hours: 'hour',
	service_minutes: 'minute',
	service_hours: 'hour',
};

const earlierDays = 6;

/** Counts of the filled day once more for each of the six days before, as they would stand there after a week. */
export async function fillWeek(data: string): Promise<void> {
	const server = await EmbeddedServer.start(data, silentLog);
	const clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	try {
		for (const [table, instant] of Object.entries(ROLLUPS)) {
			for (let days = 1; days <= earlierDays; days += 1) {
				const shifted = [instant, '_day', 'first_time', 'last_time'].map(
					(column) => `source.${column} - INTERVAL ${days} DAY AS ${column}`,
				);
				await clickhouse.command(
					`INSERT INTO spanhouse.${table} SELECT * REPLACE (${shifted.join(', ')}) FROM spanhouse.${table} AS source
						WHERE source.${instant} >= (SELECT max(${instant}) FROM spanhouse.${table}) - INTERVAL 1 DAY`,
				);
			}
		}
	} finally {
		await clickhouse.close();
		await server.stop();
	}
}
