import { expect, test } from 'vitest';
import { Refusals } from './refusals.ts';
import { createSelfMetrics } from './self-metrics.ts';

test('each refusal is counted; the log tells of the first, and a minute later of how many there were since', async () => {
	const metrics = createSelfMetrics();
	const lines: unknown[] = [];
	let nowMs = 1_000;
	const refusals = new Refusals(metrics, () => nowMs, { warn: (...line: unknown[]) => void lines.push(line) });
	for (let at = 0; at < 5; at += 1) refusals.note('connections');
	refusals.note('headers');
	nowMs += 60_000;
	refusals.note('connections');
	expect(lines).toEqual([
		[{ refused: 1 }, 'connections were refused: one port has 10,000 already'],
		[{ refused: 1 }, 'requests were refused: they have more than 64 header fields'],
		[{ refused: 5 }, 'connections were refused: one port has 10,000 already'],
	]);
	const { values } = await metrics.refused.get();
	expect(values.map(({ labels, value }) => [labels.reason, value])).toEqual([
		['connections', 6],
		['headers', 1],
	]);
});
