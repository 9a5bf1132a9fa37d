import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { DERIVE_CRASH_POINTS } from '../../../collector/store/derived/deriver.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';

const program = fileURLToPath(new URL('./killed-deriver.ts', import.meta.url));
const randomKills = 3;

async function runUntilKilled(folder: string, point: string, countdown: number, killAfterMs: number): Promise<unknown> {
	const child = spawn(process.execPath, [program, folder, point, String(countdown)], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
	const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
	clearTimeout(timer);
	return signal;
}

/** Every minute of every project, as the rollup and as the spans have it, where the two differ. */
const DIFFERENCES = `
	SELECT project, minute, sum(derived) AS derived, sum(stored) AS stored FROM (
		SELECT project, minute, spans AS derived, 0 AS stored FROM red_minutes
		UNION ALL
		SELECT project, toStartOfMinute(toDateTime(time, 'UTC')), 0, 1 FROM spans
	) GROUP BY project, minute HAVING derived != stored`;

const DIFFERENCES_BY_HOUR = `
	SELECT project, hour, sum(derived) AS derived, sum(stored) AS stored FROM (
		SELECT project, hour, spans AS derived, 0 AS stored FROM red_hours
		UNION ALL
		SELECT project, toStartOfHour(toDateTime(time, 'UTC')), 0, 1 FROM spans
	) GROUP BY project, hour HAVING derived != stored`;

test(
	'kill -9 at every named moment and at random ones: in every minute the rollup has as many spans as there are',
	{ timeout: 300_000 },
	async () => {
		const place = temporaryFolder();
		for (const [index, point] of [...DERIVE_CRASH_POINTS, ...DERIVE_CRASH_POINTS].entries()) {
			expect(await runUntilKilled(place.path, point, 1 + (index % 4), 20_000)).toBe('SIGKILL');
		}
		for (let kill = 0; kill < randomKills; kill += 1) {
			expect(await runUntilKilled(place.path, 'none', 0, 2_200 + kill * 210)).toBe('SIGKILL');
		}
		const child = spawn(process.execPath, [program, place.path, 'settle'], { stdio: ['ignore', 'ignore', 'inherit'] });
		expect(await once(child, 'exit')).toEqual([0, null]);

		const server = await EmbeddedServer.start(place.path, silentLog);
		const clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
		const [stored] = await clickhouse.rows<{ spans: number; writers: number; projects: number; days: number }>(
			`SELECT count() AS spans, uniqExact(_writer) AS writers, uniqExact(project) AS projects,
				uniqExact(toDate(time)) AS days FROM spans`,
			{},
		);
		expect(stored).toMatchObject({ writers: 1, projects: 2, days: 3 });
		expect(stored!.spans).toBeGreaterThan(500);
		expect(await clickhouse.rows(DIFFERENCES, {})).toEqual([]);
		expect(await clickhouse.rows(DIFFERENCES_BY_HOUR, {})).toEqual([]);
		await clickhouse.close();
		await server.stop();
		place.remove();
	},
);
