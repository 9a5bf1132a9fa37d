import type { Context, MiddlewareHandler } from 'hono';
import type { Metadata } from '@grpc/grpc-js';
import type { AccessCheck } from '../api/route.ts';
import { PROJECT_HEADER } from '../../schema/project.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import type { AddressRange } from '../outbound/address-policy.ts';
import type { Sender } from '../receiver/sender.ts';
import type { StateStore } from '../state/state-store.ts';
import { isLoopback, needsKeys, needsLogin } from './access-policy.ts';
import type { AccessPolicy } from './access-policy.ts';
import { ApiTokens } from './api-tokens.ts';
import { clientAddress } from './client-address.ts';
import { hostGuard, loopbackHosts } from './host-guard.ts';
import { IngestAccess } from './ingest-access.ts';
import type { GivenKey } from './ingest-access.ts';
import { IngestKeys } from './ingest-keys.ts';
import { Logins } from './logins.ts';
import { ANYBODY, includesRole, setPrincipal, setProject } from './principal.ts';
import type { Principal } from './principal.ts';
import { sameOriginGuard } from './same-origin.ts';
import { ProviderLogin } from './provider-login.ts';
import type { ProviderSettings } from './provider-login.ts';
import { Projects } from './projects.ts';
import type { ReadableProjects } from './projects.ts';
import { RateLimitCounts, RequestLimit } from './rate-limits.ts';
import type { RateLimit, ThrottleStatus } from './rate-limits.ts';
import { SessionCookie } from './session-cookie.ts';
import { Sessions } from './sessions.ts';
import { endTurn, setTurn, UserTurns } from './user-turns.ts';
import { Users } from './users.ts';

interface OidcPolicy {
	oidcClientSecret: string;
	oidcNewUsers: ProviderSettings['newUsers'];
	oidcRoleClaim: string;
}

interface AccessParts {
	policy: AccessPolicy &
		OidcPolicy & {
			basePath: string;
			/** Empty: no TLS of our own. */
			tlsCert: string;
			ingestKeys: readonly GivenKey[];
			trustedProxies: readonly AddressRange[];
			throttleStatus: ThrottleStatus;
		};
	state: StateStore;
	/** Where the screen is, once it listens. */
	uiUrl: () => string;
	/** Network address of who is connected; empty where it isn't known. */
	peerOf: (c: Context) => string;
	/** Told of each request that a limit refused. */
	limited?: (limit: RateLimit) => void;
	clock: () => number;
	log: Log;
}

const requestsPerToken = 1_200;
const badTokensPerAddress = 60;

/** Path of the API that leads to the provider of OpenID Connect. */
export const PROVIDER_PATH = '/session/provider';

/** Who may read, change and send: built once, handed to receivers and API as functions. */
export class Access {
	readonly isLoginNeeded: boolean;
	readonly users: Users;
	readonly sessions: Sessions;
	readonly logins: Logins;
	readonly tokens: ApiTokens;
	readonly keys: IngestKeys;
	readonly projects: Projects;
	readonly limits: RateLimitCounts;
	readonly cookie: SessionCookie;
	readonly ingest: IngestAccess;
	/** In front of API and screen: lets in whom the host is for, and changes only from its own pages. */
	readonly guards: readonly MiddlewareHandler[];
	/** Undefined without OpenID Connect. */
	readonly provider: ProviderLogin | undefined;
	readonly #uiUrl: () => string;
	/** Network address of who asks, whatever proxies of ours are between; empty where it isn't known. */
	readonly addressOf: (c: Context) => string;
	readonly #tokenRequests: RequestLimit;
	readonly #badTokens: RequestLimit;
	readonly #turns: UserTurns;

	constructor({ policy, state, uiUrl, peerOf, limited = () => {}, clock, log }: AccessParts) {
		const publicUrl = policy.publicUrl === '' ? undefined : policy.publicUrl.replace(/\/$/, '');
		this.#uiUrl = () => publicUrl ?? uiUrl();
		this.addressOf = clientAddress(policy.trustedProxies, peerOf);
		this.isLoginNeeded = needsLogin(policy);
		this.limits = new RateLimitCounts(clock, limited);
		const countToken = () => this.limits.note('token');
		this.#tokenRequests = new RequestLimit(requestsPerToken, clock, countToken);
		this.#badTokens = new RequestLimit(badTokensPerAddress, clock, countToken);
		this.#turns = new UserTurns(() => this.limits.note('concurrency'));
		this.projects = new Projects({ state, clock, log });
		this.users = new Users(state, clock);
		this.sessions = new Sessions({ state, clock, log });
		this.logins = new Logins({ state, users: this.users, sessions: this.sessions, clock, log, limits: this.limits });
		this.tokens = new ApiTokens(state, clock);
		this.keys = new IngestKeys({ state, clock, log, limits: this.limits, throttleStatus: policy.throttleStatus });
		this.cookie = new SessionCookie(publicUrl, policy);
		this.ingest = new IngestAccess({
			keys: this.keys,
			projects: this.projects,
			isNeeded: needsKeys(policy),
			given: policy.ingestKeys,
			keysUrl: () => this.url('/settings/keys'),
		});
		this.provider = providerOf(policy, this.url(`/api/v1${PROVIDER_PATH}/callback`), clock);
		const guardsHost = !this.isLoginNeeded && isLoopback(policy.host);
		this.guards = [
			endTurn,
			...(guardsHost ? [hostGuard(loopbackHosts(policy.host))] : []),
			...(publicUrl?.startsWith('https:') === true ? [strictTransport] : []),
			sameOriginGuard(publicUrl === undefined ? undefined : new URL(publicUrl).host),
		];
	}

	/**
	 * Throws a ProblemError of 401 or 403 for who may not call a route of this role, and of 404 for a project that is not
	 * theirs to know of; else principal and project are known from here on. Resolves when it is the turn of the request.
	 */
	readonly check: AccessCheck = (c, { role, reach }) => {
		const principal = this.principal(c);
		if (principal !== undefined) setPrincipal(c, principal);
		if (role === 'anyone') return;
		if (principal === undefined) throw this.#unknown(c);
		if (!includesRole(principal.role, role)) {
			throw new ProblemError(
				403,
				'ROLE_MISSING',
				`this needs the role ${role}; ${principal.name} is ${principal.role}`,
			);
		}
		if (reach === 'process' && principal.projects !== undefined) {
			throw new ProblemError(403, 'ALL_PROJECTS', `this tells of all projects; ${principal.name} may read some`);
		}
		if (reach !== 'none') setProject(c, this.projects.readable(c.req.query('project'), principal.projects));
		return this.#takeTurn(c, principal);
	};

	/** On a laptop there is nobody to leave something for. */
	async #takeTurn(c: Context, { kind, name }: Principal): Promise<void> {
		if (kind !== 'anonymous') setTurn(c, await this.#turns.take(name, c.req.raw.signal));
	}

	/** Undefined when nobody is logged in and no token came. */
	principal(c: Context): Principal | undefined {
		if (!this.isLoginNeeded) return ANYBODY;
		const authorization = c.req.header('authorization');
		return authorization === undefined ? this.#bySession(c) : this.#byToken(authorization);
	}

	/** Address of a screen, as people open it. */
	url(path: string): string {
		return this.#uiUrl() + path;
	}

	/** Where the first account is made; undefined when there is one, or no login. */
	setupUrl(): string | undefined {
		const secret = this.isLoginNeeded ? this.users.setupSecret() : undefined;
		return secret === undefined ? undefined : this.url(`/login?invitation=${secret}`);
	}

	readonly httpSender = (c: Context): Sender =>
		this.ingest.senderOf({
			authorization: c.req.header('authorization'),
			key: c.req.header('x-spanhouse-key'),
			project: c.req.header(PROJECT_HEADER),
			origin: c.req.header('origin'),
		});

	readonly grpcSender = (metadata: Metadata): Sender =>
		this.ingest.senderOf({
			authorization: textOf(metadata, 'authorization'),
			key: textOf(metadata, 'x-spanhouse-key'),
			project: textOf(metadata, PROJECT_HEADER),
			origin: undefined,
		});

	/** Why nobody is known: tokens that are none are counted. */
	#unknown(c: Context): ProblemError {
		if (c.req.header('authorization') === undefined) {
			return new ProblemError(401, 'NOT_LOGGED_IN', 'log in, or send an API token as `authorization: Bearer spt_…`');
		}
		this.#badTokens.take(this.addressOf(c), 'requests with tokens that are none');
		return new ProblemError(
			401,
			'BAD_TOKEN',
			'the API token is unknown, was deleted or is over; make one under Settings',
		);
	}

	/** Writes down what is only remembered. */
	async close(): Promise<void> {
		await this.keys.noteUse();
	}

	#bySession(c: Context): Principal | undefined {
		const secret = this.cookie.read(c);
		const found = secret === undefined ? undefined : this.sessions.find(secret);
		const role = found === undefined ? undefined : this.users.roleOf(found.user);
		if (found === undefined || role === undefined) return undefined;
		return {
			kind: 'user',
			name: found.user,
			role,
			session: found.session,
			...limitTo(this.users.projectsOf(found.user)),
		};
	}

	#byToken(authorization: string): Principal | undefined {
		const token = this.tokens.find(/^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '');
		const ownersRole = token === undefined ? undefined : this.users.roleOf(token.owner);
		if (token === undefined || ownersRole === undefined) {
			return undefined;
		}
		this.#tokenRequests.take(token.id, `requests by the token ${JSON.stringify(token.label)}`);
		// An owner who may less from now on takes the token along.
		const role = includesRole(ownersRole, token.role) ? token.role : ownersRole;
		const projects = both(token.projects, this.users.projectsOf(token.owner));
		// As for people: an admin of some projects would reach the others by accounts and keys.
		const lesser = projects !== undefined && role === 'admin' ? 'editor' : role;
		return { kind: 'token', name: token.owner, role: lesser, ...limitTo(projects) };
	}
}

/** Not without a name of its own: it would count for whatever else is at `localhost`. */
const strictTransport: MiddlewareHandler = async (c, next) => {
	await next();
	c.header('strict-transport-security', 'max-age=31536000');
};

const limitTo = (projects: ReadableProjects) => (projects === undefined ? {} : { projects });

/** What both leave. */
function both(some: ReadableProjects, others: ReadableProjects): ReadableProjects {
	if (some === undefined || others === undefined) return some ?? others;
	return some.filter((name) => others.includes(name));
}

function providerOf(
	{ oidcIssuer: issuer, oidcClientId: clientId, ...policy }: AccessParts['policy'],
	redirectUri: string,
	clock: () => number,
): ProviderLogin | undefined {
	if (issuer === undefined) return undefined;
	const { oidcClientSecret: clientSecret, oidcNewUsers: newUsers, oidcRoleClaim: roleClaim } = policy;
	return new ProviderLogin({ issuer, clientId, clientSecret, newUsers, roleClaim }, redirectUri, clock);
}

const textOf = (metadata: Metadata, name: string): string | undefined => {
	const [value] = metadata.get(name);
	return typeof value === 'string' ? value : undefined;
};
