import { expect, test } from 'vitest';
import { BASE_UNIX_NANO } from '../../test/support/trace-spans.ts';
import { storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { TRACE_ID, traceAnswers } from '../testing/trace-answers.ts';

const COUNT = `/traces/${TRACE_ID}/count`;
/** Nanoseconds from the beginning of drawn cases to half a minute ago. */
const late = (NOW_MS - 30_000 - Number(BASE_UNIX_NANO / 1_000_000n)) * 1e6;
const young = [
	{ id: 1n, start: late, end: late + 9e6 },
	{ id: 2n, parent: 1n, start: late + 1e6, end: late + 8e6 },
];

test('spans that came since are counted, and are read when they are asked for', async () => {
	const answers = { ...traceAnswers(young), [COUNT]: () => ({ spans: 6 }) };
	const { screen, server } = await openApp(`/trace/${TRACE_ID}`, answers);
	const offer = screen.getByRole('button', { name: '4 more spans arrived' });
	await expect.element(offer).toBeVisible();
	const asked = server.asked.find(({ pathname }) => pathname.endsWith('/count'))?.searchParams;
	const around = [Number(asked?.get('from')), Number(asked?.get('to'))];
	expect(around[0]).toBeLessThan(NOW_MS - 30_000);
	expect(around[1]).toBeGreaterThan(NOW_MS);
	await expectAccessible();
	const all = [3n, 4n, 5n, 6n].map((id) => ({ id, parent: 1n, start: late + 2e6, end: late + 3e6 }));
	server.answers = { ...answers, ...traceAnswers([...young, ...all]) };
	await offer.click();
	await expect.element(screen.getByRole('treegrid')).toHaveAttribute('aria-rowcount', '6');
	await expect.element(offer).not.toBeInTheDocument();
});

test('nothing is said when none came, when that can’t be read, or of a trace that is long over', async () => {
	for (const count of [() => ({ spans: 2 }), () => storeAway()]) {
		const { screen, server } = await openApp(`/trace/${TRACE_ID}`, { ...traceAnswers(young), [COUNT]: count });
		await expect.element(screen.getByRole('treegrid')).toBeVisible();
		await expect.poll(() => server.asked.some(({ pathname }) => pathname.endsWith('/count'))).toBe(true);
		expect(screen.getByText(/arrived/).elements()).toEqual([]);
		expect(screen.getByRole('alert').elements()).toEqual([]);
		await screen.unmount();
	}
	const { screen, server } = await openApp(`/trace/${TRACE_ID}`, traceAnswers());
	await expect.element(screen.getByRole('treegrid')).toBeVisible();
	expect(server.asked.some(({ pathname }) => pathname.endsWith('/count'))).toBe(false);
});
