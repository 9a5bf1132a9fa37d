import { setTimeout as sleep } from 'node:timers/promises';
import { withSpan } from '@spanhouse/sdk';

const sum = withSpan('add', { 'math.first': 1 }, () => 1 + 2);
const later = await withSpan('wait', async (span) => {
	span.setAttribute('slept', true);
	await sleep(5);
	return withSpan('inner', () => 'done');
});
const failures = [];
try {
	withSpan('throws', () => {
		throw new TypeError('no such article');
	});
} catch (error) {
	failures.push(error.message);
}
await withSpan('rejects', () => Promise.reject(new RangeError('sold out'))).catch((error) =>
	failures.push(error.message),
);
process.stdout.write(JSON.stringify({ sum, later, failures }));
