import type { Context } from 'hono';
import type { Access } from '../../access/access.ts';
import type { Log } from '../../log.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Route } from '../route.ts';
import { auditRoutes } from './audit.ts';
import { ingestKeyRoutes } from './keys.ts';
import { providerRoutes } from './provider.ts';
import { sessionRoutes } from './session.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

export interface AccessSources {
	access: Access;
	state: StateStore;
	clock: () => number;
	log: Log;
	/** Network address of who asks; empty where it isn't known. */
	addressOf: (c: Context) => string;
}

/** Who may log in, read, change and send. */
export const accessRoutes = ({ access, state, clock, addressOf, log }: AccessSources): Route[] => [
	...sessionRoutes(access, addressOf),
	...providerRoutes(access, addressOf, log),
	...userRoutes(access),
	...ingestKeyRoutes(access.keys),
	...tokenRoutes(access.tokens),
	...auditRoutes(state, clock),
];
