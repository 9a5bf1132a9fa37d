import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CRASH_POINTS } from '../../../collector/spool/crash-point.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';

const program = fileURLToPath(new URL('./killed-collector.ts', import.meta.url));
const randomKills = 8;

/** Runs until it kills itself at the point, or until it is killed after so long. */
async function runUntilKilled(
	folder: string,
	point: string,
	countdown: number,
	killAfterMs: number,
): Promise<string | null> {
	const child = spawn(process.execPath, [program, folder, point, String(countdown)], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
	const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
	clearTimeout(timer);
	return signal;
}

test(
	'kill -9 at every named moment and at random ones: all that was sent is stored, once',
	{ timeout: 300_000 },
	async () => {
		const place = temporaryFolder();
		// Nothing here is poison, so nothing is set aside.
		const points = CRASH_POINTS.filter((point) => !point.endsWith('_quarantine'));
		for (const [index, point] of points.entries()) {
			const isAtStart = point.endsWith('_compact');
			expect(await runUntilKilled(place.path, point, isAtStart ? 1 : 1 + (index % 3), 8_000)).toBe('SIGKILL');
		}
		for (let kill = 0; kill < randomKills; kill += 1) {
			expect(await runUntilKilled(place.path, 'none', 0, 700 + kill * 130)).toBe('SIGKILL');
		}
		const child = spawn(process.execPath, [program, place.path, 'drain'], { stdio: ['ignore', 'ignore', 'inherit'] });
		expect(await once(child, 'exit')).toEqual([0, null]);

		const state: unknown = JSON.parse(readFileSync(join(place.path, 'state'), 'utf8'));
		expect(state).toMatchObject({ isDrained: true, records: 0, surprises: 0, quarantine: { records: 0 } });
		const ledger = readFileSync(join(place.path, 'ledger'), 'utf8').split('\n');
		const sent = new Set(ledger.filter((line) => line.startsWith('s')).map((line) => Number(line.slice(1))));
		const expected = [...sent].flatMap((request) => [1, 2, 3, 4, 5].map((place) => request * 8 + place));
		const folder = join(place.path, 'store');
		const stored = readdirSync(folder)
			.filter((name) => !name.endsWith('.new'))
			.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
			.filter((line) => line !== '')
			.map((line) => Number.parseInt(line, 16));
		expect(sent.size).toBeGreaterThan(100);
		expect(stored.length).toBe(new Set(stored).size);
		expect(stored.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
		place.remove();
	},
);
