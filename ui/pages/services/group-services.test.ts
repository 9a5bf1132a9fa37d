import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { service } from '../../testing/answers.ts';
import { groupServices } from './group-services.ts';

const services = fc
	.array(
		fc
			.record({
				namespace: fc.constantFrom('', 'shop', 'bank'),
				environment: fc.constantFrom('', 'prod'),
				requests: fc.nat(99),
				errors: fc.nat(9),
			})
			.map((facts) => facts),
	)
	.map((all) => all.map((facts, i) => service(`s${i}`, { ...facts, requestsPerSecond: facts.requests })));

test('every service is in one group, in its order, and the figures of a group are those of its members', () => {
	fc.assert(
		fc.property(services, fc.constantFrom('none', 'ns', 'env'), (all, by) => {
			const groups = groupServices(all, by);
			expect(groups.flatMap((group) => group.services).toSorted((a, b) => all.indexOf(a) - all.indexOf(b))).toEqual(
				all,
			);
			for (const { services: members, summary } of groups) {
				const values = members.map(({ namespace, environment }) =>
					by === 'ns' ? namespace : by === 'env' ? environment : '',
				);
				expect(new Set(values).size).toBe(1);
				expect(members.map((one) => all.indexOf(one))).toEqual(
					members.map((one) => all.indexOf(one)).toSorted((a, b) => a - b),
				);
				expect(summary.requestsPerSecond).toBe(members.reduce((sum, one) => sum + one.requestsPerSecond, 0));
			}
		}),
	);
});
