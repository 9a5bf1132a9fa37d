import { z } from 'zod';
import { alertPath, projectRequest } from '../../schema/api-alerts.ts';
import {
	gateAnswer,
	gateRequest,
	objectiveDetail,
	objectivesAnswer,
	proposalsAnswer,
} from '../../schema/api-objectives.ts';
import type { GateAnswer, ObjectiveDetail, ObjectivesAnswer, ProposalsAnswer } from '../../schema/api-objectives.ts';
import { includesRole, principalOf } from '../access/principal.ts';
import type { GateQuestion } from '../alerting/gate.ts';
import type { Objectives } from '../alerting/objectives-service.ts';
import { ProblemError } from '../problem.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope } from './scope.ts';

/** Objectives and their budgets, and the gate in front of a deploy. */
export function objectiveRoutes(
	objectives: Objectives,
	askGate: (question: GateQuestion) => Promise<GateAnswer>,
): Route[] {
	return [
		route({
			path: '/slos',
			role: 'viewer',
			summary: 'Objectives with what is left of their budgets',
			query: projectRequest,
			answer: objectivesAnswer,
			handle: async (c, query) => c.json<ObjectivesAnswer>(await objectives.all(readScope(c, query).project)),
		}),
		route({
			path: '/slo-proposals',
			role: 'viewer',
			summary: 'Objectives that the traffic of the last day would have kept, of services that have none',
			query: projectRequest,
			answer: proposalsAnswer,
			handle: async (c, query) => c.json<ProposalsAnswer>(await objectives.proposals(readScope(c, query).project)),
		}),
		route({
			path: '/slos/{name}',
			role: 'viewer',
			summary: 'One objective: its budget over time, its alerts, and what spent it',
			query: projectRequest,
			answer: objectiveDetail,
			handle: async (c, query) => {
				const { name } = parsePath(alertPath, c);
				const found = await objectives.one(readScope(c, query).project, name);
				if (found === undefined) {
					throw new ProblemError(404, 'NO_OBJECTIVE', `there is no objective ${JSON.stringify(name)}`);
				}
				return c.json<ObjectiveDetail>(found);
			},
		}),
		route({
			path: '/gate/{service}',
			role: 'viewer',
			summary: 'Whether a service may be deployed now, and why not',
			query: gateRequest,
			answer: gateAnswer,
			handle: async (c, query) => {
				const { service } = parsePath(z.object({ service: z.string().max(512) }), c);
				const { env: environment = '', intent, override } = query;
				const { project } = readScope(c, query);
				if (override !== undefined && !includesRole(principalOf(c)?.role ?? 'viewer', 'editor')) {
					throw new ProblemError(403, 'FORBIDDEN', 'to pass the gate by a reason takes the role editor');
				}
				return c.json<GateAnswer>(
					await askGate({ project, service, environment, intent, override, author: authorOf(c) }),
				);
			},
		}),
	];
}
