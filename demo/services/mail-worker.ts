/** Writes a mail for each order it finds in the queue. */
import { withSpan } from '@spanhouse/sdk';
import { announceReady, endWithParent, leaveParent, onPeerAt } from '../child-process.ts';
import { Queue } from '../queue.ts';
import type { Message } from '../queue.ts';
import { call, setting } from '../service.ts';
import type { PlacedOrder, Product } from '../shop-types.ts';

const maxTitles = 5;

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

async function sendMail(message: Message): Promise<void> {
	const order = readOrder(message.body);
	const products = await Promise.all(
		order.productIds.slice(0, maxTitles).map((id) => call<Product>(`${setting('CATALOG_URL')}/products/${id}`)),
	);
	withSpan('render mail', { 'mail.template': 'order-confirmation' }, () =>
		[
			`Thank you, ${order.userId}.`,
			...products.map((product) => `- ${product.title}`),
			`${order.totalCents / 100} €`,
		].join('\n'),
	);
}

function readOrder(body: unknown): PlacedOrder {
	const order: PlacedOrder = JSON.parse(JSON.stringify(body));
	if (!Array.isArray(order.productIds)) throw new TypeError('a message of order.placed has no productIds');
	return order;
}

endWithParent();
onPeerAt((variable, url) => (process.env[variable] = url));
announceReady('');
await new Queue(setting('QUEUE_FOLDER'), 'order.placed').consume(sendMail, stopping.signal);
leaveParent();
