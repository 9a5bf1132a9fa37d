import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { service, servicesAnswer } from '../../testing/answers.ts';
import { trafficOf } from './traffic.ts';

test('adds up the steps of all services, also of those that began later', () => {
	const point = fc.record({ step: fc.nat(20), requests: fc.nat(1000), errors: fc.nat(10) });
	fc.assert(
		fc.property(fc.array(fc.uniqueArray(point, { selector: ({ step }) => step })), (all) => {
			const nothing = { p50Nano: null, p95Nano: null, p99Nano: null };
			const services = all.map((points, i) =>
				service(`s${i}`, {
					points: points.map(({ step, requests, errors }) => ({
						tMs: step * 60_000,
						requests: requests + errors,
						errors,
						...nothing,
					})),
				}),
			);
			const traffic = trafficOf(servicesAnswer({ services, stepMs: 60_000 }));
			for (let step = 0; step <= 20; step++) {
				const at = all.flat().filter((one) => one.step === step);
				const index = traffic.steps.timesMs.indexOf(step * 60_000);
				expect(index === -1).toBe(at.length === 0);
				if (index === -1) continue;
				expect(traffic.succeeded[index]).toBe(at.reduce((sum, { requests }) => sum + requests, 0));
				expect(traffic.failed[index]).toBe(at.reduce((sum, { errors }) => sum + errors, 0));
			}
			expect(traffic.steps.timesMs).toEqual(traffic.steps.timesMs.toSorted((a, b) => a - b));
		}),
	);
});
