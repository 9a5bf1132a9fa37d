import { expect, test } from 'vitest';
import type { EdgeType, NodeType } from '../../schema/service-map.ts';
import { dependencyChanges, WINDOWS } from './dependency-changes.ts';
import type { CallsByWindow } from './dependency-changes.ts';

const calls = (
	callee: string,
	counts: Partial<Record<keyof typeof WINDOWS, number>>,
	{ type = 'request', address = '' }: { type?: EdgeType; address?: string } = {},
): CallsByWindow => {
	const [kind, ...name] = callee.split(':') as [NodeType, ...string[]];
	const { earlier = 0, since = 0, left = 0, late = 0 } = counts;
	const windows: number[] = [];
	for (const [key, count] of Object.entries({ earlier, since, left, late })) {
		windows[WINDOWS[key as keyof typeof WINDOWS]] = count;
	}
	const caller = { type: 'service', name: 'shop/checkout' } as const;
	return { edge: { type, caller, callee: { type: kind, name: name.join(':') }, address }, calls: windows };
};

const nodes = (of: readonly { node: string; calls: number }[]) => of.map(({ node, calls: count }) => [node, count]);

test('what was called before is not new, and what is called seldom is not gone', () => {
	const { added, gone } = dependencyChanges(
		[
			calls('service:cart', { earlier: 900, since: 100, left: 100, late: 90 }),
			calls('database:redis', { since: 3 }),
			calls('service:fraud', { since: 40, late: 40 }),
			calls('external:a.test', { earlier: 90, left: 10 }),
			calls('external:b.test', { earlier: 90, left: 9 }),
			calls('external:c.test', { earlier: 90, left: 70, since: 5 }),
		],
		[],
	);
	expect(nodes(added)).toEqual([['service:fraud', 40], ['database:redis', 3]]); // prettier-ignore
	expect(nodes(gone)).toEqual([['external:c.test', 70], ['external:a.test', 10]]); // prettier-ignore
});

test('who is down is still called: whoever answered at the address before, or is a service by that name', () => {
	const { added, gone } = dependencyChanges(
		[
			calls('service:cart', { earlier: 900, left: 100 }, { address: 'cart.local' }),
			calls('external:cart.local', { since: 100, late: 100 }, { address: 'cart.local' }),
			calls('service:payment', { earlier: 900, left: 100 }),
			calls('external:payment', { since: 50, late: 50 }, { address: 'gateway' }),
			calls('external:ledger', { since: 50, late: 50 }, { address: 'gateway' }),
		],
		['ledger'],
	);
	expect(nodes(added)).toEqual([['service:ledger', 50]]);
	expect(gone).toEqual([]);
});

test('one that is called in several ways is one, itself is none, and so is what has no name', () => {
	const { added, gone } = dependencyChanges(
		[
			calls('service:cart', { since: 4 }),
			calls('service:cart', { since: 5 }, { type: 'child' }),
			calls('service:shop/checkout', { since: 6 }, { type: 'child' }),
			calls('external:', { since: 7 }),
			calls('external:(other)', { since: 8 }),
			calls('queue:kafka:orders', { since: 9, left: 40 }, { type: 'messaging' }),
			calls('service:mailer', { since: 9, left: 40 }, { type: 'messaging' }),
		],
		[],
	);
	expect(nodes(added)).toEqual([['queue:kafka:orders', 9], ['service:cart', 9]]); // prettier-ignore
	expect(nodes(gone)).toEqual([['queue:kafka:orders', 40]]);
});
