/** Payments. One of the demo's faults is here: three calls in a hundred fail at the bank. */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { withSpan } from '@spanhouse/sdk';
import { seededRandom } from '../random.ts';
import { createApp, serve, setting } from '../service.ts';

const failureRatio = 0.03;

class BankUnavailableError extends Error {
	override readonly name = 'BankUnavailableError';
	readonly status = 503;
}

const random = seededRandom(Number(setting('SHOP_SEED')));
const app = createApp();

app.post('/charges', async (request, response) => {
	const { totalCents }: { totalCents: number } = request.body;
	await withSpan('authorize card', { 'payment.amount_cents': totalCents }, askBank);
	response.status(201).json({ paymentId: randomUUID() });
});

/** Stands for the bank, which isn't one of our services: a wait, and now and then no answer. */
async function askBank(): Promise<void> {
	await sleep(random.between(8, 30));
	if (random.next() < failureRatio)
		throw new BankUnavailableError(`bank gateway ${random.between(1, 4)} did not answer`);
}

serve(app);
