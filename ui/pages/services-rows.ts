import { comparedWindow } from '../../schema/compared-window.ts';
import { stepRate } from '../charts/step-rate.ts';
import { serviceLabel } from '../lib/service-hue.ts';
import type { Service, ServicesAnswer } from '../../schema/api.ts';
import type { Comparison } from '../../schema/compared-window.ts';
import type { ServiceSort } from './services-query.ts';

/** Failed requests weigh ten times in the impact: a slow service and a failing one both come to the top. */
const ERROR_WEIGHT = 9;

/** Time spent in a service, weighed by its errors: what the list is sorted by unless told otherwise. */
export const impactOf = (service: Service): number => service.totalNano * (1 + ERROR_WEIGHT * service.errorRatio);

const MEASURES: Readonly<Record<Exclude<ServiceSort, 'service'>, (service: Service) => number>> = {
	impact: impactOf,
	rate: (service) => service.requestsPerSecond,
	errors: (service) => service.errorRatio,
	p50: (service) => service.p50Nano ?? -1,
	p95: (service) => service.p95Nano ?? -1,
	p99: (service) => service.p99Nano ?? -1,
	apdex: (service) => service.apdex ?? -1,
};

/** Filtered by a part of the name, whatever its case, and sorted; equals stand by name. */
export function arrangeServices(
	services: readonly Service[],
	sort: ServiceSort | `-${ServiceSort}`,
	filter: string,
): Service[] {
	const sought = filter.trim().toLowerCase();
	const found = services.filter((service) => serviceLabel(service).toLowerCase().includes(sought));
	const sign = sort.startsWith('-') ? -1 : 1;
	const by = MEASURE_NAMES.find((name) => name === sort.replace('-', ''));
	return found.sort((a, b) => {
		const names = byName(a, b);
		if (by === undefined) return sign * names;
		return sign * (MEASURES[by](a) - MEASURES[by](b)) || names;
	});
}

const MEASURE_NAMES = ['impact', 'rate', 'errors', 'p50', 'p95', 'p99', 'apdex'] as const;

const byName = (a: Service, b: Service): number =>
	compareText(serviceLabel(a), serviceLabel(b)) || compareText(a.environment, b.environment);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The course of a service's requests, a value for each step, and that of the window it is compared with. */
export function requestCourse(
	{ points, pointsBefore }: Service,
	{ window, stepMs }: Pick<ServicesAnswer, 'window' | 'stepMs'>,
	comparison: Comparison,
): { values: (number | null)[]; before: (number | null)[] } {
	const earlier = comparedWindow(window, comparison);
	const firstMs = Math.floor(earlier.fromMs / stepMs) * stepMs;
	return {
		values: points.map(({ requests, tMs }) => stepRate(requests, tMs, stepMs, window)),
		before: pointsBefore.map(({ requests }, step) => stepRate(requests, firstMs + step * stepMs, stepMs, earlier)),
	};
}

export interface ServicesSummary {
	services: number;
	requestsPerSecond: number;
	errorRatio: number | null;
}

/** One name in two environments is one service. */
export function summarise(services: readonly Service[]): ServicesSummary {
	let requests = 0;
	let errors = 0;
	let requestsPerSecond = 0;
	for (const service of services) {
		requests += service.requests;
		errors += service.errors;
		requestsPerSecond += service.requestsPerSecond;
	}
	const names = new Set(services.map(serviceLabel));
	return { services: names.size, requestsPerSecond, errorRatio: requests === 0 ? null : errors / requests };
}

/** A rate per second of the window before, from its count: both windows are of the same length. */
export const rateBefore = (service: Service): number =>
	service.requests === 0 ? 0 : (service.before.requests / service.requests) * service.requestsPerSecond;
