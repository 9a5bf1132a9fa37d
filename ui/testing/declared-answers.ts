import type { DesiredDocument } from '../../schema/desired-state.ts';
import { NOW_MS } from './now.ts';

const declared = (document: object) => ({
	document,
	version: 1,
	author: 'mara',
	changedMs: NOW_MS,
	owner: { source: null },
});
const link = (name: string, spec: Extract<DesiredDocument, { kind: 'Link' }>['spec']) =>
	declared({ apiVersion: 'spanhouse.dev/v1', kind: 'Link', metadata: { name, labels: {}, annotations: {} }, spec });
export const declaredService = (name: string, spec: Partial<Extract<DesiredDocument, { kind: 'Service' }>['spec']>) =>
	declared({ apiVersion: 'spanhouse.dev/v1', kind: 'Service', metadata: { name, labels: {}, annotations: {} }, spec });

/** Links on everything, and who owns the services of the shop. */
export const declaredAnswers = {
	'/config/documents': ({ searchParams }: URL) => ({
		documents:
			searchParams.get('kind') === 'Link'
				? [
						link('logs', {
							title: 'Logs',
							urlTemplate: 'https://logs.example/?q={traceId}&from={fromMs}&to={toMs}',
							on: ['span', 'trace', 'firing'],
						}),
						link('pod', {
							title: 'Pod',
							urlTemplate: 'https://pods.example/{attr.k8s.pod.name}',
							on: ['span', 'trace'],
						}),
						link('dashboard', {
							title: 'Dashboard',
							urlTemplate: 'https://dash.example/?s={service}',
							on: ['service'],
						}),
					]
				: [
						declaredService('shop/checkout', {
							owner: 'team shop',
							tier: 1,
							runbook: 'https://runbooks.example/checkout',
							repository: 'javascript:alert(1)',
							sourceUrl: 'https://git.example/{revision}/{path}#L{line}',
						}),
					],
	}),
};
