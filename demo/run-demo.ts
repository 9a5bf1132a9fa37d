import { setTimeout as sleep } from 'node:timers/promises';
import { helpOf, parseOptions } from './options.ts';
import type { DemoOptions } from './options.ts';
import { findEndpointProblem, parseHeaderList } from './preflight.ts';
import { Shop } from './shop.ts';
import { deployed, welcome } from './words.ts';

/** How the demo came to be here: from a checkout, or as a package. */
export interface DemoForm {
	/** What people type to run it. */
	command: string;
	/** What they type to have a Spanhouse. */
	startCommand: string;
	/** Resolves when the services can be started. */
	prepare?: () => Promise<unknown>;
}

/** Opens the shop, lets people in for the time that is asked for, and closes it, sooner when `stopping` aborts. Resolves with the exit code. */
export async function runDemo(argv: readonly string[], form: DemoForm, stopping: AbortSignal): Promise<number> {
	const parsed = parseOptions(argv, process.env);
	if (parsed.kind === 'help') {
		console.log(helpOf(form.command));
		return 0;
	}
	if (parsed.kind === 'refused') {
		console.error(`${parsed.problems.join('\n')}\n\n${helpOf(form.command)}`);
		return 2;
	}
	const { options } = parsed;
	const headers = parseHeaderList(process.env['OTEL_EXPORTER_OTLP_HEADERS']);
	const problem = await findEndpointProblem(options.endpoint, form.startCommand, headers);
	if (problem !== undefined) {
		console.error(problem);
		return 1;
	}
	await form.prepare?.();
	if (stopping.aborted) return 0;
	return keepShop(options, stopping);
}

/** Aborts when this process is asked to end. A second signal ends it at once. */
export function stopSignal(): AbortSignal {
	const stopping = new AbortController();
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
	return stopping.signal;
}

async function keepShop(options: DemoOptions, stopping: AbortSignal): Promise<number> {
	const ending = new AbortController();
	const signal = AbortSignal.any([stopping, ending.signal]);
	let lost: string | undefined;
	const shop = await Shop.create(options, (name, killedBy) => {
		// Ctrl-C reaches a process that is just starting before it can leave that to this one.
		if (!signal.aborted && killedBy !== 'SIGINT') lost = name;
		ending.abort();
	});
	try {
		console.log('Opening the shop: three databases, seven services …');
		await Promise.race([shop.open(), aborted(signal)]);
		console.log(welcome(options));
		await shop.letPeopleIn();
		await oneDay(shop, options, signal);
	} catch (error) {
		if (!signal.aborted) throw error;
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
	return new Promise((_resolve, reject) => {
		if (signal.aborted) reject(signal.reason);
		else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
	});
}
