import { expect, test } from 'vitest';
import { arrangeServices, impactOf, rateBefore, requestCourse, summarise } from './services-rows.ts';
import type { Service } from '../../schema/api.ts';

function service(name: string, facts: Partial<Service> = {}): Service {
	return {
		service: name,
		namespace: '',
		environment: 'production',
		requests: 100,
		errors: 0,
		p50Nano: 1,
		p95Nano: 2,
		p99Nano: 3,
		requestsPerSecond: 1,
		errorRatio: 0,
		totalNano: 100,
		spans: 100,
		before: { requests: 50, errors: 0, p50Nano: 1, p95Nano: 2, p99Nano: 3 },
		firstSeenMs: 0,
		lastSeenMs: 0,
		versions: [],
		points: [],
		...facts,
	};
}
const names = (services: Service[]) => services.map((one) => one.service);

test('by impact, what costs most time and what fails come first', () => {
	const list = [
		service('quick', { totalNano: 10 }),
		service('slow', { totalNano: 400 }),
		service('failing', { errorRatio: 1 }),
	];
	expect(names(arrangeServices(list, '-impact', ''))).toEqual(['failing', 'slow', 'quick']);
	expect(impactOf(service('failing', { errorRatio: 1 }))).toBe(1000);
});

test('services without a figure come last when the largest come first, and equals stand by name', () => {
	const list = [service('b', { p95Nano: 5 }), service('none', { p95Nano: null }), service('a', { p95Nano: 5 })];
	expect(names(arrangeServices(list, '-p95', ''))).toEqual(['a', 'b', 'none']);
	expect(names(arrangeServices(list, 'service', ''))).toEqual(['a', 'b', 'none']);
	expect(names(arrangeServices(list, '-service', ''))).toEqual(['none', 'b', 'a']);
});

test('the filter looks at the whole name, whatever its case', () => {
	const list = [service('cart', { namespace: 'Shop' }), service('auth')];
	expect(names(arrangeServices(list, '-impact', ' shop/C'))).toEqual(['cart']);
});

test('the summary counts a service in two environments once, and weighs errors by requests', () => {
	const list = [service('a', { requests: 300, errors: 3 }), service('a', { environment: 'staging', errors: 1 })];
	expect(summarise(list)).toEqual({ services: 1, requestsPerSecond: 2, errorRatio: 0.01 });
	expect(summarise([])).toEqual({ services: 0, requestsPerSecond: 0, errorRatio: null });
	expect(rateBefore(service('a'))).toBe(0.5);
});

test('the course of a steady service is straight, wherever the windows cut a step', () => {
	const stepMs = 60_000;
	const window = { fromMs: 10_000_000, toMs: 10_000_000 + 7 * stepMs + 40_000 };
	const figures = { errors: 0, p50Nano: null, p95Nano: null, p99Nano: null };
	/** Five requests a second. */
	const course = ({ fromMs, toMs }: typeof window) => {
		const points = [];
		for (let tMs = Math.floor(fromMs / stepMs) * stepMs; tMs < toMs; tMs += stepMs)
			points.push({ tMs, requests: (Math.min(tMs + stepMs, toMs) - Math.max(tMs, fromMs)) / 200, ...figures });
		return points;
	};
	for (const [comparison, earlierMs] of [
		['prev', window.toMs - window.fromMs],
		['7d', 7 * 86_400_000],
	] as const) {
		const earlier = { fromMs: window.fromMs - earlierMs, toMs: window.toMs - earlierMs };
		const one = service('cart', { points: course(window), pointsBefore: course(earlier) });
		const { values, before } = requestCourse(one, { window, stepMs }, comparison);
		for (const value of [...values, ...before].filter((each) => each !== null)) expect(value).toBeCloseTo(5);
		expect(values.filter((value) => value === null).length).toBeLessThan(2);
		expect([values.length, before.length]).toEqual([one.points.length, one.pointsBefore.length]);
	}
});
