import { setTimeout as sleep } from 'node:timers/promises';
import { buildSdkIfStale } from '../sdk/build.ts';
import { HELP, parseOptions } from './options.ts';
import type { DemoOptions } from './options.ts';
import { findEndpointProblem, parseHeaderList } from './preflight.ts';
import { Shop } from './shop.ts';
import { deployed, welcome } from './words.ts';

const parsed = parseOptions(process.argv.slice(2), process.env);
if (parsed.kind === 'help') {
	console.log(HELP);
} else if (parsed.kind === 'refused') {
	console.error(`${parsed.problems.join('\n')}\n\n${HELP}`);
	process.exitCode = 2;
} else {
	process.exitCode = await runDemo(parsed.options);
}

async function runDemo(options: DemoOptions): Promise<number> {
	const problem = await findEndpointProblem(
		options.endpoint,
		parseHeaderList(process.env['OTEL_EXPORTER_OTLP_HEADERS']),
	);
	if (problem !== undefined) {
		console.error(problem);
		return 1;
	}
	await buildSdkIfStale();

	const stopping = new AbortController();
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
	let lost: string | undefined;
	const shop = await Shop.create(options, (name, signal) => {
		// Ctrl-C reaches a process that is just starting before it can leave that to this one.
		if (!stopping.signal.aborted && signal !== 'SIGINT') lost = name;
		stopping.abort();
	});
	try {
		console.log('Opening the shop: three databases, seven services …');
		await Promise.race([shop.open(), aborted(stopping.signal)]);
		console.log(welcome(options));
		await shop.letPeopleIn();
		await oneDay(shop, options, stopping.signal);
	} catch (error) {
		if (!stopping.signal.aborted) throw error;
	} finally {
		console.log('Closing the shop …');
		await shop.close();
	}
	if (lost === undefined) return 0;
	console.error(`The demo ended early: its process "${lost}" ended unexpectedly.`);
	return 1;
}

async function oneDay(shop: Shop, options: DemoOptions, signal: AbortSignal): Promise<void> {
	const halfMs = (options.minutes * 60_000) / 2;
	await sleep(halfMs, undefined, { signal });
	await shop.deployInventory();
	console.log(deployed(options));
	await sleep(halfMs, undefined, { signal });
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
