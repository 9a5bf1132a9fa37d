import { noQuery } from '../../../schema/api-access.ts';
import { limitsAnswer } from '../../../schema/api-projects.ts';
import type { LimitsAnswer } from '../../../schema/api-projects.ts';
import { RATE_LIMITS } from '../../access/rate-limits.ts';
import type { RateLimitCounts } from '../../access/rate-limits.ts';
import { route } from '../route.ts';
import type { Route } from '../route.ts';

/** What was held back, for admins. */
export const limitRoutes = (limits: RateLimitCounts): Route[] => [
	route({
		path: '/limits',
		role: 'admin',
		reach: 'none',
		summary: 'What limits let through in a minute, and what they refused since the start',
		query: noQuery,
		answer: limitsAnswer,
		handle: async (c) =>
			c.json<LimitsAnswer>({ limits: limits.list().map((one) => ({ ...one, allows: RATE_LIMITS[one.limit] })) }),
	}),
];
