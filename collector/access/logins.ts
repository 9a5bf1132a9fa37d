import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import { ACCESS_KINDS, AccessDocuments } from './documents.ts';
import { LoginLimit } from './login-limit.ts';
import { RequestLimit } from './rate-limits.ts';
import type { RateLimitCounts } from './rate-limits.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';

interface LoginDocument {
	outcome: 'ok' | 'failed';
	method: LoginMethod;
	address: string;
}

export type LoginMethod = 'password' | 'link' | 'openid-connect';

interface LoginParts {
	state: StateStore;
	users: Users;
	sessions: Sessions;
	clock: () => number;
	log: Log;
	limits: RateLimitCounts;
}

/** Failures of an account are written down so often at most; the log of the process has each. */
const noteFailureEveryMs = 60_000;
const looksPerMinute = 30;

/** The ways in, each written down. */
export class Logins {
	readonly #parts: LoginParts;
	readonly #limit: LoginLimit;
	readonly #looks: RequestLimit;
	readonly #documents: AccessDocuments<LoginDocument>;
	readonly #failedMs = new Map<string, number>();

	constructor(parts: LoginParts) {
		this.#parts = parts;
		this.#limit = new LoginLimit(parts.clock, () => parts.limits.note('login'));
		this.#looks = new RequestLimit(looksPerMinute, parts.clock, () => parts.limits.note('invitation'));
		this.#documents = new AccessDocuments(parts.state, ACCESS_KINDS.login);
	}

	/** Resolves with the secret of a new session. Throws a ProblemError of 401, or of 429 after too many failures. */
	async byPassword(email: string, password: string, address: string): Promise<string> {
		await this.checkPassword(email, password, address);
		return this.#begin(email, 'password', address);
	}

	/** Throws as `byPassword` does. */
	async checkPassword(email: string, password: string, address: string): Promise<void> {
		this.#limit.check(email, address);
		const succeeded = this.#limit.attempt(email, address);
		const role = await this.#parts.users.verify(email, password);
		if (role === undefined) {
			await this.#noteFailure(email, address);
			throw new ProblemError(401, 'WRONG_PASSWORD', 'there is no such account, or the password is another');
		}
		succeeded();
	}

	/** The same by a link of an invitation, or the one that makes the first account. */
	async byLink(secret: string, email: string | undefined, password: string, address: string): Promise<string> {
		this.#limit.check('', address);
		const succeeded = this.#limit.attempt('', address);
		const { users, sessions } = this.#parts;
		const account = await users.accept(secret, email, password);
		succeeded();
		await sessions.endAllOf(account, account);
		return this.#begin(account, 'link', address);
	}

	/** Whom the link of an invitation is for. Throws a ProblemError of 404, or of 429 for who looks at too many. */
	invited(secret: string, address: string): { email: string | undefined } {
		this.#looks.take(address, 'looks at invitations');
		const invited = this.#parts.users.invited(secret);
		if (invited === undefined) throw new ProblemError(404, 'INVITATION_OVER', 'this link was used or is over');
		return invited;
	}

	/** Whom a provider vouched for. */
	async byProvider(email: string, address: string): Promise<string> {
		return this.#begin(email, 'openid-connect', address);
	}

	async #begin(email: string, method: LoginMethod, address: string): Promise<string> {
		const secret = await this.#parts.sessions.begin(email);
		await this.#documents.put(email, { outcome: 'ok', method, address }, email);
		return secret;
	}

	async #noteFailure(email: string, address: string): Promise<void> {
		const { users, clock, log } = this.#parts;
		log.warn({ email, address }, 'a login failed');
		// What strangers type is not kept; of an account, that somebody tried.
		if (users.roleOf(email) === undefined) return;
		if (clock() < (this.#failedMs.get(email) ?? -Infinity) + noteFailureEveryMs) return;
		this.#failedMs.set(email, clock());
		await this.#documents
			.put(email, { outcome: 'failed', method: 'password', address }, 'somebody')
			.catch((error: unknown) => log.warn({ error: messageOf(error) }, 'a failed login could not be written down'));
	}
}
