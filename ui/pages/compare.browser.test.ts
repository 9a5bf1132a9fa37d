import { describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { checkoutTrace } from '../../test/support/sample-traces.ts';
import { traceSummary, tracesAnswer } from '../testing/answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { traceAnswer } from '../testing/trace-answers.ts';

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const MS = 1e6;
/** The same checkout without its loop, with a call more, and a payment that fails sooner. */
const changed = checkoutTrace()
	.filter((span, index) => span.name !== 'SELECT stock' || index % 2 === 0)
	.map((span) => (span.name === 'backoff' ? { ...span, end: span.start + 20 * MS } : span));
changed.push({
	id: 7777n,
	parent: changed[3].id,
	service: 'shop/checkout',
	name: 'audit',
	start: 900 * MS,
	end: 950 * MS,
});
const answers = { [`/traces/${A}`]: () => traceAnswer(checkoutTrace()), [`/traces/${B}`]: () => traceAnswer(changed) };
const rows = () =>
	[...document.querySelectorAll('tbody tr')].map((row) => row.textContent.replaceAll(/\s+/g, ' ').trim());

const sums = () => document.querySelector('p.sum')?.textContent.replaceAll(/\s+/g, ' ').trim();

describe('two traces', () => {
	test('two traces as one tree: added, removed, slower, faster', async () => {
		const { screen } = await openApp(`/compare/${A}/${B}?only=1`, answers);
		await expect.element(screen.getByRole('region', { name: 'Trace B' })).toBeVisible();
		await expect.poll(sums).toBe('1 added, 12 removed, 0 slower, 1 faster, 36 much the same');
		expect(rows().some((row) => /^shop\/checkout audit\s*only in B/.test(row))).toBe(true);
		expect(rows().filter((row) => /^shop\/inventory SELECT stock\s*only in A/.test(row))).toHaveLength(12);
		expect(
			rows().some((row) => /backoff\s*faster\s*125 ms\s*20 ms\s*−105 ms/.test(row.replaceAll('\u00a0', ' '))),
		).toBe(true);
		await expectAccessible();
	});

	test('operations by difference', async () => {
		await openApp(`/compare/${A}/${B}?v=operations`, answers);
		await expect
			.poll(() => rows()[0]?.replaceAll('\u00a0', ' '))
			.toBe('shop/inventory POST /reserve11080 ms306 ms+226 ms');
		await expectAccessible();
	});

	test('without a second trace, others of the same operation are offered', async () => {
		const { screen, server } = await openApp(`/compare/${A}`, {
			...answers,
			'/traces': () => tracesAnswer({ traces: [traceSummary(4, { traceId: B })] }),
		});
		const link = screen.getByRole('link', { name: /^\d{4}-/ });
		await expect.element(link).toHaveAttribute('href', expect.stringContaining(`/compare/${A}/${B}?atb=`));
		expect(server.asked.find((url) => url.pathname.endsWith('/traces'))?.searchParams.get('q')).toBe(
			'trace.root.service:shop/frontend trace.root.operation:"POST /checkout"',
		);
		await expectAccessible();
	});

	test('loading, and what cannot be read', async () => {
		const loading = await openApp(`/compare/${A}/${B}`, { [`/traces/${A}`]: never, [`/traces/${B}`]: never });
		await expect.element(loading.screen.getByRole('status', { name: 'Loading the trace' })).toBeVisible();
		await loading.screen.unmount();
		const { screen, server } = await openApp(`/compare/${A}/${B}`, { ...answers, [`/traces/${B}`]: storeAway });
		await expect.element(screen.getByRole('alert').getByText(/Trace B could not be read/)).toBeVisible();
		await expectAccessible();
		server.answers = answers;
		await screen.getByRole('button', { name: 'Retry' }).click();
		await expect.poll(() => rows().length).toBeGreaterThan(40);
	});
});

test('a trace and itself differ in nothing; sides swap; a phone is wide enough', async () => {
	await page.viewport(390, 844);
	const { screen, history } = await openApp(`/compare/${A}/${A}?only=1`, answers);
	await expect.element(screen.getByText('The two traces do the same, in much the same time')).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await screen.unmount();
	const other = await openApp(`/compare/${A}/${B}`, answers);
	await other.screen.getByRole('link', { name: 'Swap A and B' }).click();
	await expect.poll(sums).toBe('12 added, 1 removed, 1 slower, 0 faster, 36 much the same');
	expect(other.history.text).toBe(`/compare/${B}/${A}`);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	expect(history.text).toContain('/compare/');
	await page.viewport(1440, 900);
});

test.each(['spans', 'operations'])(
	'on a phone, of %s the first difference is in sight beside the name',
	async (view) => {
		await page.viewport(390, 844);
		try {
			const wordy = changed.map((span) => (span.name === 'audit' ? { ...span, name: 'audit of '.repeat(9) } : span));
			await openApp(`/compare/${A}/${B}?v=${view}`, { ...answers, [`/traces/${B}`]: () => traceAnswer(wordy) });
			const right = () => document.querySelector('tbody td')?.getBoundingClientRect().right ?? Infinity;
			await expect.poll(right).toBeLessThanOrEqual(390);
		} finally {
			await page.viewport(1440, 900);
		}
	},
);

test('whichever of the two comes last, both are shown', async () => {
	for (const last of [A, B]) {
		const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
		const path = `/traces/${last}`;
		const late = async () => {
			await answered;
			return answers[path]?.();
		};
		const { screen, server } = await openApp(`/compare/${A}/${B}`, { ...answers, [path]: late });
		await expect.poll(() => server.asked.filter(({ pathname }) => pathname.includes('/traces/')).length).toBe(2);
		await expect.element(screen.getByRole('status', { name: 'Loading the trace' })).toBeVisible();
		answer();
		await expect.element(screen.getByRole('region', { name: 'Trace B' })).toBeVisible();
		await screen.unmount();
	}
});
