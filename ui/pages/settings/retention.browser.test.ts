import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { statusAnswer } from '../../testing/answers.ts';
import { never, storeAway } from '../../testing/fake-server.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';
import { pinsAnswer, retentionAnswer, storageAnswer, storageAnswers } from '../../testing/storage-answers.ts';
import { formatReach } from '../../lib/format.ts';
import { droppedWords, predictionWords, storageFacts } from './retention-words.ts';

const ADDRESS = '/settings/retention';
const full = { '/status': () => statusAnswer(), ...storageAnswers() };
const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ');

test('in full: reach, room, and what takes it', async () => {
	const { screen } = await openApp(ADDRESS, full);
	await expect.element(screen.getByText('36 hours')).toBeVisible();
	await expect.element(screen.getByText('will be 7 days at this rate')).toBeVisible();
	await expect
		.element(screen.getByRole('region', { name: 'Table: By service' }))
		.toMatchTextContent(/shop\/checkout.*200,000.*75.*192 MiB.*mail/s);
	await expect
		.element(screen.getByRole('region', { name: 'Table: By attribute' }))
		.toMatchTextContent(/exception\.stacktrace.*of events.*4,000.*50.*128 MiB.*url\.full/s);
	await expect
		.element(screen.getByRole('region', { name: 'Table: By table' }))
		.toMatchTextContent(/spans.*8,000,000.*7 days.*400 MiB.*state.*12.*–/s);
	await expect.element(screen.getByText(/estimated from 300,000 of 6,000,000 spans/)).toBeVisible();
	await expectAccessible();
});

test('loading', async () => {
	const { screen } = await openApp(ADDRESS, { '/status': never, '/storage': never });
	await expect.element(screen.getByRole('status', { name: 'Loading' })).toBeVisible();
	await expectAccessible();
});

test('empty', async () => {
	const none = { sample: null, services: [], attributes: [], tables: [] };
	const answers = { ...full, '/storage': () => storageAnswer(none), '/pins': () => pinsAnswer({ pins: [] }) };
	const { screen } = await openApp(ADDRESS, answers);
	await expect.element(screen.getByText('No spans are stored.')).toBeVisible();
	await expect.element(screen.getByText(/“Keep” on a trace/)).toBeVisible();
	await expectAccessible();
});

test('error: the reason and Retry', async () => {
	const { screen, server } = await openApp(ADDRESS, { '/status': storeAway, '/storage': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByText('36 hours')).toBeVisible();
});

test('another retention is tried out in the address, and nothing is changed', async () => {
	const { screen, history, server } = await openApp(ADDRESS, full);
	await expect.element(screen.getByText(/Nothing is changed here/)).toBeVisible();
	await screen.getByRole('spinbutton').fill('1');
	await expect.element(screen.getByText(/At once, 2,000,000 spans and 500 other rows/)).toBeVisible();
	expect(history.text).toBe(`${ADDRESS}?days=1`);
	expect(server.asked.findLast(({ pathname }) => pathname.endsWith('/retention'))?.search).toBe('?spans=1d');
	await screen.getByRole('spinbutton').fill('0');
	await expect.element(screen.getByText(/Nothing is changed here/)).toBeVisible();
	expect(history.text).toBe(ADDRESS);
});

test('a kept trace is opened at its time, and let go', async () => {
	let kept = pinsAnswer();
	const { screen } = await openApp(ADDRESS, {
		...full,
		'/pins': () => kept,
		[`/pins/${kept.pins[0].traceId}`]: () => {
			kept = pinsAnswer({ pins: [] });
			return {};
		},
	});
	await expect
		.element(screen.getByRole('link', { name: 'shop/web GET /cart' }))
		.toHaveAttribute('href', `/trace/${kept.pins[0].traceId}?at=${NOW_MS - 86_400_000}`);
	await screen.getByRole('button', { name: 'Let go of shop/web GET /cart' }).click();
	await expect.element(screen.getByText(/“Keep” on a trace/)).toBeVisible();
});

test('on a phone, nothing is wider than the page', async () => {
	await page.viewport(390, 844);
	try {
		const { screen } = await openApp(ADDRESS, full);
		await expect.element(screen.getByRole('region', { name: 'Table: By service' })).toBeInTheDocument();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('in words: reach, limits and what was dropped', () => {
	expect([formatReach(7 * 86_400_000), formatReach(3_600_000), formatReach(null)]).toEqual(['7 days', '1 hour', '–']);
	const { retention, disk } = storageAnswer();
	const limited = storageAnswer({ retention: { ...retention, limitedBy: 'disk', expectedReachMs: 2.5 * 86_400_000 } });
	const factOf = (label: string, answer = limited) =>
		storageFacts(answer, statusAnswer()).find((fact) => fact.label === label);
	expect(factOf('Spans reach back')).toMatchObject({ isBad: true, note: expect.stringContaining('will be 2.5 days') });
	expect(plain(factOf('Room used')!.value)).toBe('576 MiB');
	expect(factOf('Room used', storageAnswer({ disk: null }))).toMatchObject({ value: '–', isBad: false });
	const refusing = storageAnswer({ disk: { ...disk!, refusal: 'the disk is full' } });
	expect(factOf('Room used', refusing)).toMatchObject({ note: 'the disk is full', isBad: true });
	expect(droppedWords(disk, 'utc')).toBeUndefined();
	const dropped = { stretches: 2, rows: 1_500, bytes: 3 * 1024 ** 2, lastMs: NOW_MS, upToMs: NOW_MS };
	expect(plain(droppedWords({ ...disk!, dropped }, 'utc'))).toMatch(/1,500 rows, 3 MiB, dropped since.*are gone/);
	expect(predictionWords(retentionAnswer({ dropped: [], fits: false }))).toMatch(/^Nothing would.*over the limit/);
});
