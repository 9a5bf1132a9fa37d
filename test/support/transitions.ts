import type { Transition } from '../../collector/alerting/transition.ts';

/** A page of the shop's checkout that fires; `more` says what is different. */
export const firing = (more: Partial<Transition> = {}): Transition => ({
	firingId: 'f1',
	project: 'default',
	rule: 'checkout-is-slow',
	kind: 'Alert',
	severity: 'page',
	group: {},
	labels: { team: 'shop' },
	annotations: { summary: '{{service}} p95 is {{value}}', runbook: 'https://runbooks.example/checkout' },
	notify: [],
	state: 'firing',
	reason: null,
	sequence: 1,
	value: 912_000_000,
	threshold: 800_000_000,
	unit: 'nanoseconds',
	measure: 'p95',
	startedMs: Date.UTC(2026, 10, 28, 12),
	endedMs: null,
	query: 'service:shop/checkout',
	services: ['shop/checkout'],
	title: 'p95 of shop/checkout is 912 ms, above 800 ms',
	evidence: null,
	budgetLeftRatio: null,
	window: { fromMs: Date.UTC(2026, 10, 28, 11, 55), toMs: Date.UTC(2026, 10, 28, 12) },
	...more,
});

/** Its end, a minute after its beginning. */
export const resolved = (more: Partial<Transition> = {}): Transition => {
	const began = firing(more);
	return {
		...began,
		state: 'resolved',
		reason: 'recovered',
		sequence: began.sequence + 1,
		value: 500_000_000,
		endedMs: began.startedMs + 60_000,
		...more,
	};
};
