/** Stock. One of the demo's faults comes with its second version: each reservation seals the whole ledger. */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { withSpan } from '@spanhouse/sdk';
import { createApp, serve, setting } from '../service.ts';
import type { CartItem } from '../shop-types.ts';

const isSecondVersion = setting('SHOP_RELEASE').startsWith('2.');
/** scrypt's cost: about 40 ms of work on a core of today, off the event loop. */
const sealCost = { N: 16_384, r: 8, p: 1 };

const stock = new Map<number, number>();
const available = (productId: number): number => stock.get(productId) ?? 1_000_000;
const app = createApp();

app.get('/stock/:productId', (request, response) => {
	response.json({ available: available(Number(request.params.productId)) });
});

app.post('/reservations', async (request, response) => {
	const { items }: { items: CartItem[] } = request.body;
	for (const item of items) stock.set(item.productId, available(item.productId) - item.quantity);
	if (isSecondVersion) await withSpan('seal stock ledger', { 'ledger.entries': stock.size }, sealLedger);
	response.status(201).json({ reserved: items.length });
});

async function sealLedger(): Promise<void> {
	const seal: (text: string, salt: string, length: number, cost: object) => Promise<unknown> = promisify(scrypt);
	await seal(JSON.stringify([...stock]), 'ledger', 32, sealCost);
}

serve(app);
