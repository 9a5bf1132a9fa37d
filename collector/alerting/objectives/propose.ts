import type { Service } from '../../../schema/api.ts';
import type { DocumentOf } from '../../../schema/desired-state.ts';
import type { DeclaredDocument } from '../../desired/documents.ts';
import { servicesOf } from '../firing-query.ts';

const targets = [99.99, 99.95, 99.9, 99.5, 99, 98, 95, 90];
/** With fewer requests an objective says little. */
const leastRequests = 1_000;
const mostProposals = 20;
const roundDurations = [50, 100, 200, 300, 500, 800, 1_000, 2_000, 3_000, 5_000, 10_000];

/** The strictest usual target that half of the failures would still allow twice. */
const targetFor = (sliPercent: number): number | undefined =>
	targets.find((target) => 100 - sliPercent <= (100 - target) / 2);

export interface Candidate {
	document: DocumentOf<'SLO'>;
	title: string;
}

/** Availability, and latency at a round number above the slowest percent, of services without an objective. */
export function candidatesFrom(
	services: readonly Service[],
	declared: readonly DeclaredDocument<'SLO'>[],
): Candidate[] {
	const taken = new Set(declared.flatMap(({ document }) => servicesOf(document.spec.total, {})));
	return services
		.filter((service) => service.requests >= leastRequests && !taken.has(nameOf(service)))
		.flatMap(candidatesOf)
		.slice(0, mostProposals);
}

const nameOf = ({ namespace, service }: Service): string =>
	namespace === '' || service.includes('/') ? service : `${namespace}/${service}`;

function candidatesOf(service: Service): Candidate[] {
	const { requests, errors, p99Nano, environment } = service;
	const fullName = nameOf(service);
	const name = fullName.replace(/[^A-Za-z0-9._/-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || 'service';
	const total = `service:${JSON.stringify(fullName)}${environment === '' ? '' : ` env:${JSON.stringify(environment)}`}`;
	const document = (suffix: string, good: string, targetPercent: number): DocumentOf<'SLO'> => ({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'SLO',
		metadata: { name: `${name}-${suffix}`.slice(0, 200), labels: {}, annotations: {} },
		spec: {
			total,
			good,
			spans: 'entry',
			targetPercent,
			window: { duration: '30d', rolling: true, timeZone: 'UTC' },
			minBadEvents: 10,
			notify: [],
		},
	});
	const target = targetFor((100 * (requests - errors)) / requests);
	const limitMs = roundDurations.find((ms) => p99Nano !== null && ms * 1e6 > p99Nano * 1.2);
	return [
		...(target === undefined
			? []
			: [
					{
						document: document('availability', '-error:true', target),
						title: `${fullName}: ${target} % of requests succeed`,
					},
				]),
		...(limitMs === undefined
			? []
			: [
					{
						document: document('latency', `duration<${limitMs}ms`, 98),
						title: `${fullName}: 98 % of requests within ${limitMs} ms`,
					},
				]),
	];
}
