import { encodeProto } from '../support/otlp-proto.ts';
import { jsonTarget } from '../fuzz/json-target.ts';
import { protobufTarget } from '../fuzz/protobuf-target.ts';
import { otlpSender } from '../bench/otlp-sender.ts';
import { expectOnly } from './kills.ts';
import { Clients } from './ledger.ts';
import type { Message } from './otlp-message.ts';
import type { Scenario } from './scenario.ts';

/** F12: bodies that are not what they should be, by both protocols; the sender is told that it is its own fault. */
export const malformed: Scenario = {
	name: 'F12 malformed bodies, over HTTP and gRPC',
	rounds: { short: 300, long: 5_000 },
	run: async ({ rounds, random, open }) => {
		const world = await open();
		await world.start();
		const clients = new Clients(world.ledger, () => world.listeners, { clients: 1, spans: 5, pauseMs: 5 });
		const statuses = new Map<number, number>();
		const [protobuf, json] = [protobufTarget(), jsonTarget()];
		const grpc = otlpSender(world.product.ready, {
			transport: 'grpc',
			encoding: 'protobuf',
			compression: 'none',
			inFlight: 4,
		});
		for (let round = 0; round < rounds; round += 1) {
			const isJson = round % 3 === 0;
			const made = Buffer.from((isJson ? json : protobuf).make(random));
			const body = isJson ? made.subarray(5, 5 + made.readUInt32LE(1)) : made;
			const status = await answered(
				`${world.url}/v1/traces`,
				isJson ? 'application/json' : 'application/x-protobuf',
				body,
			);
			statuses.set(status, (statuses.get(status) ?? 0) + 1);
			if (![200, 400].includes(status)) throw new Error(`HTTP answered ${status} to case ${round}`);
			if (!isJson)
				await grpc.send(body).catch((error: { code?: number }) => {
					// Refused, or to come again later.
					if (error.code !== 3 && error.code !== 14) throw new Error(`gRPC answered ${error.code} to case ${round}`);
				});
		}
		grpc.close();
		await clients.stop();
		expectOnly(world, [200, 503]);
		return { world, notes: [`${statuses.get(400) ?? 0} of ${rounds} refused`], hasStrangers: true };
	},
};

/** The status of its answer, asked for again where the answer is to come again later. */
async function answered(url: string, type: string, body: Uint8Array): Promise<number> {
	for (;;) {
		const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(body) });
		await answer.arrayBuffer();
		if (answer.status !== 503) return answer.status;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

/** F14: each request several times at once, and again later: one copy. */
export const retryStorms: Scenario = {
	name: 'F14 every request sent one to six times',
	rounds: { short: 60, long: 1_000 },
	run: async ({ rounds, random, open }) => {
		const world = await open();
		await world.start();
		const messages: Message[] = [];
		for (let round = 0; round < rounds; round += 1) {
			const { entry, message } = world.ledger.make(10);
			messages.push(message);
			const copies = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
				world.ledger.post(world.listeners, message),
			);
			const answers = await Promise.all(copies);
			if (answers.some(({ status }) => status === 200)) entry.isAcknowledged = true;
			if (round === Math.floor(rounds / 2)) {
				await world.kill();
				await world.start();
			}
		}
		for (const message of messages) await world.ledger.post(world.listeners, message);
		expectOnly(world, [200]);
		return { world };
	},
};

const DAY = 86_400_000;

/** F15: clocks that are years off, in the same request as good ones. */
export const badClocks: Scenario = {
	name: 'F15 spans that ended from 10 years ago to in 200 years',
	rounds: { short: 50, long: 500 },
	run: async ({ rounds, random, open }) => {
		const world = await open();
		await world.start();
		const offsets = [-3_650 * DAY, -8 * DAY, -2 * DAY, -DAY, -3_600_000, 0, 3_599_000, DAY, 365 * DAY, 200 * 365 * DAY];
		for (let round = 0; round < rounds; round += 1) {
			const offset = offsets[round % offsets.length] ?? 0;
			const endMs = Date.now() + offset + random() * 1_000;
			const { entry, message } = world.ledger.make(3, { name: 'clock', endMs });
			const { status } = await world.ledger.post(world.listeners, message);
			entry.isAcknowledged = status === 200;
		}
		// Ends before it starts, never ends, begins at the end of time.
		for (const times of [
			['9', '5'],
			['9', '0'],
			['18446744073709551615', '18446744073709551615'],
		]) {
			const { entry } = world.ledger.make(1);
			const answer = await world.ledger.post(world.listeners, oneSpan(entry.firstId, times[0] ?? '0', times[1] ?? '0'));
			entry.isAcknowledged = answer.status === 200;
		}
		expectOnly(world, [200]);
		await world.settle();
		const ahead = (await world.latestTimeMs()) - Date.now();
		if (ahead > 3_700_000) throw new Error(`a span lies ${Math.round(ahead / 1_000)} s in the future`);
		return { world };
	},
};

function oneSpan(id: number, start: string, end: string): Message {
	const spanId = Buffer.alloc(8);
	spanId.writeBigUInt64BE(BigInt(id));
	const span = { traceId: Buffer.alloc(16, 7), spanId, name: 'clock', startTimeUnixNano: start, endTimeUnixNano: end };
	const body = encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
	return { signal: 'traces', transport: 'protobuf', body };
}
