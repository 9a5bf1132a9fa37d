import type { Context } from 'hono';
import { USER_ROLES } from '../../schema/role.ts';
import type { UserRole } from '../../schema/role.ts';

/** Who makes a request. */
export interface Principal {
	/** `anonymous`: there is no login, and whoever reaches the host may do everything. */
	kind: 'anonymous' | 'user' | 'token';
	/** The author of what it changes: an address of mail, for a token too. */
	name: string;
	role: UserRole;
	/** Those it reads and changes; undefined: all of them. */
	projects?: readonly string[];
	/** Names the session; only of a user. */
	session?: string;
}

export const ANYBODY: Principal = { kind: 'anonymous', name: 'anonymous', role: 'admin' };

const key = 'principal';
const projectKey = 'project';

export const setPrincipal = (c: Context, principal: Principal): void => c.set(key, principal);

/** Undefined before the check of a route, and on routes for anyone when nobody is logged in. */
export const principalOf = (c: Context): Principal | undefined => c.get(key) as Principal | undefined;

export const setProject = (c: Context, project: string): void => c.set(projectKey, project);

/** The project that a request is about; undefined on routes that are about none. */
export const projectOf = (c: Context): string | undefined => c.get(projectKey) as string | undefined;

/** Whether whoever asks may know of some projects alone, and so nothing that is counted over all. */
export const isLimited = (c: Context): boolean => principalOf(c)?.projects !== undefined;

/** Whether a role includes another. */
export const includesRole = (role: UserRole, needed: UserRole): boolean =>
	USER_ROLES.indexOf(role) >= USER_ROLES.indexOf(needed);
