import { expect, test } from 'vitest';
import { operationsAnswer, redAnswer, servicesAnswer } from '../testing/answers.ts';
import { firingsAnswer } from '../testing/alert-answers.ts';
import { queriesAnswer } from '../testing/database-answers.ts';
import { storeAway } from '../testing/fake-server.ts';
import { mapAnswer, mapWindow } from '../testing/map-answers.ts';
import { objectivesAnswer } from '../testing/objective-answers.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const { edges } = mapAnswer();
const ID = 'service:shop/checkout';
const dependencies = {
	window: mapWindow,
	upstream: edges.filter((edge) => edge.callee === ID),
	downstream: edges.filter((edge) => edge.caller === ID),
};
const answers = {
	'/services': () => servicesAnswer(),
	'/operations': () => operationsAnswer(),
	'/red': () => redAnswer(),
	'/dependencies': () => dependencies,
	'/db/queries': () => queriesAnswer(),
	'/firings': () => firingsAnswer(),
	'/slos': () => objectivesAnswer(),
};
const PAGE = '/services/shop%2Fcheckout';

test('dependencies: what the service calls and who calls it', async () => {
	const { screen, history } = await openApp(PAGE, answers);
	await screen.getByRole('tab', { name: 'Dependencies' }).click();
	expect(history.read().searchParams.get('tab')).toBe('deps');
	const downstream = screen.getByRole('region', { name: 'Downstream' });
	await expect.element(downstream.getByRole('link', { name: 'shop/payment' })).toBeVisible();
	await expect.element(downstream.getByText('Messages via rabbitmq:orders')).toBeVisible();
	await expect.element(screen.getByRole('region', { name: 'Upstream' }).getByRole('link', { name: 'shop/web' })).toBeVisible(); // prettier-ignore
	const rows = downstream.getByRole('row').elements().slice(1);
	const whole = dependencies.downstream.reduce((sum, { totalNano }) => sum + totalNano, 0);
	const payment = dependencies.downstream.find(({ callee }) => callee === 'service:shop/payment')!.totalNano / whole;
	const shown = rows.find((row) => row.textContent?.includes('shop/payment'))?.children[8];
	expect(Number.parseFloat(shown?.textContent ?? '')).toBeCloseTo(payment * 100, 0);
	// The bar says the same, and is long enough to say it.
	const [bar, all] = ['.track i', '.track'].map((part) => shown?.querySelector(part)?.getBoundingClientRect().width ?? 0) as [number, number]; // prettier-ignore
	expect(all).toBeGreaterThan(40);
	expect(bar / all).toBeCloseTo(payment, 2);
	await downstream.getByRole('button', { name: 'Errors', exact: true }).click();
	expect(history.read().searchParams.get('dsort')).toBe('-errors');
	await expectAccessible();
});

test('dependencies without any, and failing', async () => {
	const { screen, server } = await openApp(`${PAGE}?tab=deps`, { ...answers, '/dependencies': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/dependencies could not be read/);
	await expectAccessible();
	server.answers = { ...answers, '/dependencies': () => ({ ...dependencies, upstream: [], downstream: [] }) };
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('heading', { name: /No calls from or to this service/ })).toBeVisible();
	await expectAccessible();
});

test('database: the queries of this service, narrowed in the address', async () => {
	const { screen, history, server } = await openApp(`${PAGE}?tab=db`, answers);
	await expect.element(screen.getByRole('row', { name: /SELECT qty FROM stock/ })).toBeVisible();
	const asked = server.asked.filter((url) => url.pathname.endsWith('/db/queries')).at(-1);
	expect(asked?.searchParams.get('service')).toBe('shop/checkout');
	await screen.getByRole('checkbox', { name: 'N+1 only' }).click();
	await screen.getByRole('button', { name: 'p99', exact: true }).click();
	expect(history.text).toBe('/services/shop/checkout?tab=db&qn1=1&qsort=-p99');
	await expectAccessible();
});
