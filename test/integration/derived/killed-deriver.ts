/**
 * A process to be killed: stores spans, late ones and of several projects and days among them, and derives tables from them,
 * until it is killed or kills itself at a named moment. `settle` makes it derive what is left, and end.
 *
 * node killed-deriver.ts FOLDER (crash point | none | settle) COUNTDOWN
 */
import { silentLog } from '../../../collector/log.ts';
import { RED_HOURS, RED_MINUTES } from '../../../collector/store/derived/red-minutes.ts';
import { openStore } from '../../../collector/store/store.ts';
import { storeOptions } from '../../support/clickhouse.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';

const [folder = '', mode = 'none', countdown = '1'] = process.argv.slice(2);
const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 1, 30);
let left = Number(countdown);
const store = await openStore({
	...storeOptions(folder),
	log: silentLog,
	derive: {
		tables: [RED_MINUTES, RED_HOURS].map((table) => ({ ...table, everyMs: 0, maxSpans: 60 })),
		intervalMs: 40,
		maxSpans: 60,
		noteIntervalMs: 120,
		crash: async (point) => {
			if (point === mode && (left -= 1) <= 0) process.kill(process.pid, 'SIGKILL');
		},
	},
});

if (mode === 'settle') {
	process.exitCode = (await store.deriver.settle(60_000)) ? 0 : 1;
	await store.close();
} else {
	for (let seed = process.pid; ; seed += 1) {
		const spans = randomSpans({ seed, count: 25, endMs, withinMs: seed % 3 === 0 ? 30 * hourMs : hourMs });
		await store.writer.append(spanBlock(spans, seed % 5 === 0 ? 'other' : 'default'));
	}
}
