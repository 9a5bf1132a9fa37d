import type { Context } from 'hono';
import type { Access } from '../../access/access.ts';
import type { Log } from '../../log.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Route } from '../route.ts';
import { auditRoutes } from './audit.ts';
import { ingestKeyRoutes } from './keys.ts';
import { limitRoutes } from './limits.ts';
import { projectRoutes } from './projects.ts';
import { providerRoutes } from './provider.ts';
import { sessionRoutes } from './session.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

export interface AccessSources {
	access: Access;
	state: StateStore;
	clock: () => number;
	log: Log;
	/** Begins to drop what is stored of a project that was closed. */
	dropProject: (name: string) => void;
	/** Network address of who asks; empty where it isn't known. */
	addressOf: (c: Context) => string;
}

/** Who may log in, read, change and send. */
export const accessRoutes = ({ access, state, clock, addressOf, dropProject, log }: AccessSources): Route[] => [
	...sessionRoutes(access, addressOf),
	...providerRoutes(access, addressOf, log),
	...userRoutes(access),
	...projectRoutes(access, dropProject),
	...limitRoutes(access.limits),
	...ingestKeyRoutes(access),
	...tokenRoutes(access),
	...auditRoutes(state, clock),
];
