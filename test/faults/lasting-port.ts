import { createServer } from 'node:net';

/** Ports that this process gave away: whoever has one may be dead at the moment, and wants it back. */
const given = new Set<number>();

/**
 * A port that stays free while the product is dead: the system gives those from 32768 on to whoever connects or asks for
 * any, and scenarios run beside each other, files of them in processes of their own.
 */
export async function lastingPort(): Promise<number> {
	const first = 20_000 + (process.pid % 12) * 1_000;
	for (let attempt = 0; attempt < 100; attempt += 1) {
		const port = first + Math.floor(Math.random() * 1_000);
		if (given.has(port)) continue;
		given.add(port);
		if (await canListen(port)) return port;
	}
	throw new Error('none of 100 ports is free');
}

async function canListen(port: number): Promise<boolean> {
	const probe = createServer();
	const { promise, resolve } = Promise.withResolvers<boolean>();
	probe.once('error', () => resolve(false));
	probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
	return promise;
}
