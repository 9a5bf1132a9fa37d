import * as oidc from 'openid-client';
import { USER_ROLES } from '../../schema/role.ts';
import type { UserRole } from '../../schema/role.ts';
import { ProblemError } from '../problem.ts';

export interface ProviderSettings {
	issuer: string;
	clientId: string;
	clientSecret: string;
	/** Role of who comes for the first time; none: only who was invited. */
	newUsers: 'none' | UserRole;
	/** Claim that holds a role; empty: accounts have their own. */
	roleClaim: string;
}

/** Whom the provider vouches for. */
export interface Vouched {
	email: string;
	/** By its claim; undefined: as the account has it. */
	role: UserRole | undefined;
	/** Path to go on to. */
	next: string;
}

interface Pending {
	verifier: string;
	nonce: string;
	next: string;
	expiresMs: number;
}

const pendingMs = 10 * 60_000;
const maxPending = 1_000;
const timeoutSeconds = 10;

/**
 * Login by OpenID Connect: authorization code with PKCE, state and nonce. The state also lies in a cookie of the browser that
 * began, so that nobody finishes the login of another.
 */
export class ProviderLogin {
	readonly #settings: ProviderSettings;
	readonly #redirectUri: string;
	readonly #clock: () => number;
	readonly #pending = new Map<string, Pending>();
	#configuration: Promise<oidc.Configuration> | undefined;

	constructor(settings: ProviderSettings, redirectUri: string, clock: () => number) {
		this.#settings = settings;
		this.#redirectUri = redirectUri;
		this.#clock = clock;
	}

	get newUsers(): UserRole | undefined {
		const { newUsers } = this.#settings;
		return newUsers === 'none' ? undefined : newUsers;
	}

	/** Where the browser is sent, and the state that its cookie keeps. */
	async begin(next: string): Promise<{ url: string; state: string }> {
		const configuration = await this.#discover();
		const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
		const nowMs = this.#clock();
		for (const [key, { expiresMs }] of this.#pending) {
			if (expiresMs <= nowMs || this.#pending.size >= maxPending) this.#pending.delete(key);
		}
		this.#pending.set(state, { verifier, nonce, next, expiresMs: nowMs + pendingMs });
		const url = oidc.buildAuthorizationUrl(configuration, {
			redirect_uri: this.#redirectUri,
			scope: 'openid email profile',
			code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
			code_challenge_method: 'S256',
			state,
			nonce,
		});
		return { url: url.href, state };
	}

	/** Takes the provider's answer: `search` as it came, `state` of the browser's cookie. Throws when anything doesn't fit. */
	async finish(search: string, state: string | undefined): Promise<Vouched> {
		const pending = state === undefined ? undefined : this.#pending.get(state);
		if (state === undefined || pending === undefined || pending.expiresMs <= this.#clock()) {
			throw new ProblemError(403, 'LOGIN_NOT_BEGUN', 'this login was not begun by this browser, or took too long');
		}
		this.#pending.delete(state);
		const configuration = await this.#discover();
		const tokens = await oidc.authorizationCodeGrant(configuration, new URL(search, this.#redirectUri), {
			pkceCodeVerifier: pending.verifier,
			expectedState: state,
			expectedNonce: pending.nonce,
			idTokenExpected: true,
		});
		const claims = tokens.claims();
		if (claims === undefined) throw new Error('the provider sent no ID token');
		const facts =
			claims['email'] === undefined
				? { ...claims, ...(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)) }
				: claims;
		return { ...this.#read(facts), next: pending.next };
	}

	#read(facts: Record<string, unknown>): Omit<Vouched, 'next'> {
		const { email, email_verified: isVerified } = facts;
		// At some providers anybody may write anybody's address into a profile.
		if (typeof email !== 'string' || isVerified !== true) {
			throw new ProblemError(
				403,
				'EMAIL_NOT_VERIFIED',
				'the provider vouches for no email: email_verified is not true',
			);
		}
		const { roleClaim } = this.#settings;
		const claimed = roleClaim === '' ? undefined : facts[roleClaim];
		const roles = Array.isArray(claimed) ? claimed : [claimed];
		return { email: email.toLowerCase(), role: USER_ROLES.findLast((role) => roles.includes(role)) };
	}

	/** Once; again after a failure. */
	#discover(): Promise<oidc.Configuration> {
		const { issuer, clientId, clientSecret } = this.#settings;
		const isPlain = issuer.startsWith('http://');
		this.#configuration ??= oidc
			.discovery(new URL(issuer), clientId, clientSecret === '' ? undefined : clientSecret, undefined, {
				timeout: timeoutSeconds,
				// Only when the operator's own setting says http.
				...(isPlain ? { execute: [oidc.allowInsecureRequests] } : {}),
			})
			.catch((error: unknown) => {
				this.#configuration = undefined;
				throw error;
			});
		return this.#configuration;
	}
}
