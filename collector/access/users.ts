import type { UserRole } from '../../schema/role.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import { hashOf, newCredential } from './credential.ts';
import { ACCESS_KINDS, AccessDocuments } from './documents.ts';
import { hashPassword, verifyPassword } from './password.ts';
import type { ReadableProjects } from './projects.ts';

interface UserDocument {
	role: UserRole;
	/** Absent of those who log in by OpenID Connect alone. */
	password?: string;
	/** Absent: all. */
	projects?: readonly string[];
}

interface InvitationDocument {
	email: string;
	role: UserRole;
	projects?: readonly string[];
	expiresMs: number;
}

export interface User {
	/** An address of mail in small letters: it names the account. */
	email: string;
	role: UserRole;
	hasPassword: boolean;
	/** Null: all. */
	projects: readonly string[] | null;
	changedMs: number;
}

/** What somebody may: a role, in all projects or in some. */
export interface Grant {
	role: UserRole;
	projects: ReadableProjects;
}

const limitTo = (projects: ReadableProjects) => (projects === undefined ? {} : { projects });

/** An admin makes accounts and keys of every project: there is none of some. */
const projectsOf = ({ role, projects }: UserDocument): ReadableProjects => (role === 'admin' ? undefined : projects);

function checkGrant({ role, projects }: Grant): void {
	if (role !== 'admin' || projects === undefined) return;
	throw new ProblemError(400, 'ADMIN_OF_ALL', 'an admin is so in all projects; limit an editor or a viewer');
}

const invitationMs = 7 * 86_400_000;
const maxUsers = 1_000;

/** Accounts. Whoever is to have one gets a link that works once, and chooses the password behind it. */
export class Users {
	readonly #users: AccessDocuments<UserDocument>;
	readonly #invitations: AccessDocuments<InvitationDocument>;
	readonly #clock: () => number;
	/** Makes the first account; known to whoever reads what this process prints. */
	readonly #setup = newCredential('invitation');

	constructor(state: StateStore, clock: () => number) {
		this.#users = new AccessDocuments(state, ACCESS_KINDS.user);
		this.#invitations = new AccessDocuments(state, ACCESS_KINDS.invitation);
		this.#clock = clock;
	}

	/** The secret of the link that makes the first account; undefined once there is one. */
	setupSecret(): string | undefined {
		return this.#users.list().length === 0 ? this.#setup.secret : undefined;
	}

	list(): User[] {
		return this.#users.list().map(({ name, timeMs, value }) => ({
			email: name,
			role: value.role,
			hasPassword: value.password !== undefined,
			projects: projectsOf(value) ?? null,
			changedMs: timeMs,
		}));
	}

	roleOf(email: string): UserRole | undefined {
		return this.#users.get(email)?.role;
	}

	/** Those that somebody reads and changes; undefined: all. */
	projectsOf(email: string): ReadableProjects {
		const user = this.#users.get(email);
		return user === undefined ? undefined : projectsOf(user);
	}

	/** The role, when the password is right. */
	async verify(email: string, password: string): Promise<UserRole | undefined> {
		const user = this.#users.get(email);
		return (await verifyPassword(password, user?.password)) ? user?.role : undefined;
	}

	/** Resolves with the secret of a link: for a new account, or to choose another password. */
	async invite(email: string, { role, projects }: Grant, author: string): Promise<string> {
		checkGrant({ role, projects });
		for (const { name, value } of this.#invitations.list()) {
			if (value.email === email || value.expiresMs <= this.#clock()) await this.#invitations.delete(name, author);
		}
		this.#checkRoom(email);
		const { secret, hash } = newCredential('invitation');
		const known = this.#users.get(email);
		const grant =
			known === undefined ? { role, ...limitTo(projects) } : { role: known.role, ...limitTo(known.projects) };
		const invitation = { email, ...grant, expiresMs: this.#clock() + invitationMs };
		await this.#invitations.put(hash, invitation, author);
		return secret;
	}

	/** Whom a link is for; the first account chooses its address itself. */
	invited(secret: string): { email: string | undefined } | undefined {
		const hash = hashOf(secret);
		if (hash === this.#setup.hash) return this.setupSecret() === undefined ? undefined : { email: undefined };
		const invitation = this.#invitations.get(hash);
		return invitation === undefined || invitation.expiresMs <= this.#clock() ? undefined : { email: invitation.email };
	}

	/** Resolves with the address of the account. */
	async accept(secret: string, email: string | undefined, password: string): Promise<string> {
		const invited = this.invited(secret);
		if (invited === undefined) {
			throw new ProblemError(403, 'INVITATION_OVER', 'this link was used or is over; ask an admin for another');
		}
		const account = invited.email ?? email;
		if (account === undefined) throw new ProblemError(400, 'EMAIL_MISSING', 'the first account needs an email');
		const { role, projects } = this.#granted(secret, invited.email);
		const hash = await hashPassword(password);
		// Again: of two that use the link at once, one hashed its password meanwhile.
		if (this.invited(secret) === undefined) {
			throw new ProblemError(403, 'INVITATION_OVER', 'this link was used meanwhile');
		}
		await this.#invitations.delete(hashOf(secret), account);
		await this.#users.put(account, { role, ...limitTo(projects), password: hash }, account);
		return account;
	}

	async setPassword(email: string, password: string): Promise<void> {
		const user = this.#found(email);
		await this.#users.put(email, { ...user, password: await hashPassword(password) }, email);
	}

	async setGrant(email: string, { role, projects }: Grant, author: string): Promise<void> {
		checkGrant({ role, projects });
		const { projects: _, ...user } = this.#found(email);
		if (role !== 'admin') this.#checkOtherAdmin(email);
		await this.#users.put(email, { ...user, role, ...limitTo(projects) }, author);
	}

	/** Of somebody whom the provider of OpenID Connect vouches for; makes the account where there is none. */
	async vouched(email: string, role: UserRole | undefined, roleForNew: UserRole | undefined): Promise<UserRole> {
		const known = this.#users.get(email);
		const wanted = role ?? known?.role ?? roleForNew;
		if (wanted === undefined) {
			throw new ProblemError(403, 'NO_ACCOUNT', `${email} has no account here; ask an admin for an invitation`);
		}
		if (known?.role === wanted) return wanted;
		if (known === undefined) this.#checkRoom(email);
		await this.#users.put(email, { ...known, role: wanted }, 'openid-connect');
		return wanted;
	}

	async remove(email: string, author: string): Promise<void> {
		this.#found(email);
		this.#checkOtherAdmin(email);
		await this.#users.delete(email, author);
	}

	/** What a link promised. The first account is the operator's. */
	#granted(secret: string, email: string | undefined): Grant {
		if (email === undefined) return { role: 'admin', projects: undefined };
		const invitation = this.#invitations.get(hashOf(secret));
		return { role: invitation?.role ?? 'viewer', projects: invitation?.projects };
	}

	#found(email: string): UserDocument {
		const user = this.#users.get(email);
		if (user === undefined) throw new ProblemError(404, 'NO_SUCH_USER', `there is no user ${email}`);
		return user;
	}

	#checkOtherAdmin(email: string): void {
		const admins = this.#users.list().filter(({ value }) => value.role === 'admin');
		if (admins.some(({ name }) => name === email) && admins.length === 1) {
			throw new ProblemError(409, 'LAST_ADMIN', `${email} is the only admin; make somebody else one first`);
		}
	}

	#checkRoom(email: string): void {
		if (this.#users.get(email) === undefined && this.#users.list().length >= maxUsers) {
			throw new ProblemError(409, 'TOO_MANY_USERS', `there are ${maxUsers} users already`);
		}
	}
}
