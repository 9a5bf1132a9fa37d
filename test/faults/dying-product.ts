/**
 * The product, told to kill itself: SPANHOUSE_CRASH is a name of CRASH_POINTS or ALERT_CRASH_POINTS and how often it has to be passed. Takes the
 * flags of `spanhouse serve`.
 */
import { readConfig } from '../../collector/config.ts';
import { createLog } from '../../collector/log.ts';
import { startSpanhouse } from '../../collector/main.ts';

const [point, countdown = '1'] = (process.env['SPANHOUSE_CRASH'] ?? '').split(' ');
let left = Number(countdown);
const pass = async (passed: string): Promise<void> => {
	if (passed === point && (left -= 1) <= 0) process.kill(process.pid, 'SIGKILL');
};
const config = readConfig(process.argv.slice(2), process.env);
const spanhouse = await startSpanhouse({
	env: process.env,
	config,
	log: createLog(config.logLevel),
	version: '0.0.0-test',
	screenFolder: 'dist/ui',
	crash: pass,
	alertCrash: pass,
});
process.on('SIGTERM', () => void spanhouse.close().then(() => process.exit(0)));
process.stdout.write(`${JSON.stringify(spanhouse.ready)}\n`);
