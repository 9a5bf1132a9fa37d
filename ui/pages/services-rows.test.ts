import { expect, test } from 'vitest';
import { arrangeServices, impactOf, rateBefore, summarise } from './services-rows.ts';
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
