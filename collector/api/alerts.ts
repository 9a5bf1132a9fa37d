import type { z } from 'zod';
import {
	alertPath,
	alertsAnswer,
	alertSchema,
	alertSeriesAnswer,
	alertSeriesRequest,
	backtestAnswer,
	backtestBody,
	projectRequest,
} from '../../schema/api-alerts.ts';
import type { AlertAnswer, AlertsAnswer, AlertSeriesAnswer, BacktestAnswer } from '../../schema/api-alerts.ts';
import { documentSchema } from '../../schema/desired-state.ts';
import type { Alerting, RuleDocument } from '../alerting/alerting.ts';
import { ProblemError } from '../problem.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { readScope, windowScope } from './scope.ts';

/** Rules with their state and values, and what a rule would have done. */
export function alertRoutes(alerting: Alerting, clock: () => number): Route[] {
	return [
		route({
			path: '/alerts',
			role: 'viewer',
			summary: 'Alerts with their state',
			query: projectRequest,
			answer: alertsAnswer,
			handle: async (c, query) => c.json<AlertsAnswer>(await alerting.alerts(readScope(c, query).project)),
		}),
		route({
			path: '/alerts/{name}',
			role: 'viewer',
			summary: 'One alert, with the state of its groups',
			query: projectRequest,
			answer: alertSchema,
			handle: async (c, query) => {
				const { name } = parsePath(alertPath, c);
				return c.json<AlertAnswer>(found(await alerting.alert(readScope(c, query).project, name), name));
			},
		}),
		route({
			path: '/alerts/{name}/series',
			role: 'viewer',
			summary: 'What an alert measured, by group: a value for each of its windows',
			query: alertSeriesRequest,
			answer: alertSeriesAnswer,
			handle: async (c, query) => {
				const { name } = parsePath(alertPath, c);
				const { project, window } = windowScope(c, query, clock());
				return c.json<AlertSeriesAnswer>(found(await alerting.series(project, name, window), name));
			},
		}),
		route({
			method: 'post',
			path: '/backtest',
			role: 'viewer',
			summary: 'What an alert or an objective would have done, by default over the last 7 days; nothing is saved',
			query: projectRequest,
			body: backtestBody,
			answer: backtestAnswer,
			handle: async (c, query, body: z.infer<typeof backtestBody>) => {
				const { from = 'now-7d', to = 'now' } = body;
				const { project, window } = windowScope(c, { ...query, from: String(from), to: String(to) }, clock());
				return c.json<BacktestAnswer>(await alerting.backtest(project, readRule(body.document), window));
			},
		}),
	];
}

function found<Answer>(answer: Answer | undefined, name: string): Answer {
	if (answer === undefined) throw new ProblemError(404, 'NO_ALERT', `there is no alert ${JSON.stringify(name)}`);
	return answer;
}

function readRule(document: unknown): RuleDocument {
	const parsed = documentSchema.safeParse(document);
	if (!parsed.success) {
		const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
		throw new ProblemError(400, 'BAD_DOCUMENT', problems.join('; '));
	}
	if (parsed.data.kind === 'Alert' || parsed.data.kind === 'SLO') return parsed.data;
	throw new ProblemError(400, 'BAD_DOCUMENT', `kind is ${parsed.data.kind}; expected Alert or SLO`);
}
