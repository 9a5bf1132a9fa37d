import { expect, test } from 'vitest';
import { firing } from '../../testing/alert-answers.ts';
import { change, flagChange } from '../../testing/change-answers.ts';
import { budgetMarkers } from './budget-markers.ts';

const router = {
	href: (path: string, query?: object) => `${path} ${JSON.stringify(query ?? {})}`,
};

test('changes of its services and of everything stand over a budget, and its own firings', () => {
	const changes = [
		change({ tMs: 1, revision: '2.14.0' }),
		change({ tMs: 2, service: 'checkout', revision: '', title: 'A new basket for all', kind: 'flag', source: 'told' }),
		change({ tMs: 3, service: '', revision: '', title: '', kind: 'migration', source: 'told', previous: null }),
		change({ tMs: 4, service: 'shop/cart' }),
		change({ tMs: 5, service: 'shop/checkout', source: 'seen', previous: null }),
		flagChange({ tMs: 5, previous: null, flag: { key: 'new-till', effect: 'first', beside: [] } }),
		flagChange({ tMs: 5, previous: null, flag: { key: 'new-till', effect: 'beside', beside: ['off'] } }),
	];
	const firings = [
		firing({ kind: 'SLO', startedMs: 6, severity: 'page' }),
		firing({ kind: 'SLO', startedMs: 7, severity: 'ticket' }),
		firing({ kind: 'Alert', startedMs: 8 }),
	];
	expect(budgetMarkers(router, ['shop/checkout'], changes, firings)).toEqual([
		{
			tMs: 1,
			label: '2.14.0',
			href: '/deploys/shop%2Fcheckout/2.14.0 {"env":"production"}',
			deploy: { service: 'shop/checkout', revision: '2.14.0', environment: 'production' },
		},
		{ tMs: 2, label: expect.stringMatching(/^A new.*all$/) as string },
		{ tMs: 3, label: 'migration' },
		{ tMs: 5, label: 'new-till', href: expect.stringMatching(/^\/traces /) as string },
		{ tMs: 6, label: 'Page', look: 'error', href: '/firings/firing-1 {}' },
		{ tMs: 7, label: 'Ticket', look: 'warn', href: '/firings/firing-1 {}' },
	]);
	expect(budgetMarkers(router, [], changes, []).map(({ tMs }) => tMs)).toEqual([3]);
});
