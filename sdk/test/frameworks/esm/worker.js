// A thread loads the same flags as its process, so it is traced as well; what it continues has to be told to it.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { context, propagation } from '@opentelemetry/api';
import { withBaggage, withSpan } from '@spanhouse/sdk';

if (isMainThread) {
	await withBaggage({ 'user.id': '7' }, () =>
		withSpan('order a price', async () => {
			const carrier = {};
			propagation.inject(context.active(), carrier);
			const worker = new Worker(new URL(import.meta.url), { workerData: { carrier } });
			await new Promise((resolve) => worker.once('exit', resolve));
		}),
	);
} else {
	context.with(propagation.extract(context.active(), workerData.carrier), () => withSpan('price the cart', () => 12));
}
