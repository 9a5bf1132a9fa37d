import { expect, test } from 'vitest';
import { firing } from '../../testing/alert-answers.ts';
import { change } from '../../testing/change-answers.ts';
import { budgetMarkers } from './budget-markers.ts';

test('changes of its services and of everything stand over a budget, and its own firings', () => {
	const changes = [
		change({ tMs: 1, revision: '2.14.0' }),
		change({ tMs: 2, service: 'checkout', revision: '', title: 'A new basket for all', kind: 'flag', source: 'told' }),
		change({ tMs: 3, service: '', revision: '', title: '', kind: 'migration', source: 'told', previous: null }),
		change({ tMs: 4, service: 'shop/cart' }),
		change({ tMs: 5, service: 'shop/checkout', source: 'seen', previous: null }),
	];
	const firings = [
		firing({ kind: 'SLO', startedMs: 6, severity: 'page' }),
		firing({ kind: 'SLO', startedMs: 7, severity: 'ticket' }),
		firing({ kind: 'Alert', startedMs: 8 }),
	];
	expect(budgetMarkers(['shop/checkout'], changes, firings)).toEqual([
		{ tMs: 1, label: '2.14.0' },
		{ tMs: 2, label: expect.stringMatching(/^A new.*all$/) as string },
		{ tMs: 3, label: 'migration' },
		{ tMs: 6, label: 'Page', look: 'error' },
		{ tMs: 7, label: 'Ticket', look: 'warn' },
	]);
	expect(budgetMarkers([], changes, []).map(({ tMs }) => tMs)).toEqual([3]);
});
