// A thread loads the same flags as its process, so it is traced as well; what it continues has to be told to it.
const { isMainThread, Worker, workerData } = require('node:worker_threads');
const { context, propagation } = require('@opentelemetry/api');
const { withBaggage, withSpan } = require('@spanhouse/sdk');

if (isMainThread) {
	void withBaggage({ 'user.id': '7' }, () =>
		withSpan('order a price', async () => {
			const carrier = {};
			propagation.inject(context.active(), carrier);
			const worker = new Worker(__filename, { workerData: { carrier } });
			await new Promise((resolve) => worker.once('exit', resolve));
		}),
	);
} else {
	context.with(propagation.extract(context.active(), workerData.carrier), () => withSpan('price the cart', () => 12));
}
