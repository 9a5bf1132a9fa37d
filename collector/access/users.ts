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

/** By the address of whom it is for: one at a time. */
interface InvitationDocument {
	/** Of the secret in its link. */
	hash: string;
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

/** A link that was not used yet and can be. */
export interface Invitation {
	email: string;
	role: UserRole;
	/** Null: all. */
	projects: readonly string[] | null;
	/** Whether it makes an account; otherwise it chooses another password for one. */
	isNew: boolean;
	author: string;
	createdMs: number;
	expiresMs: number;
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
/** Whoever removes what is over. */
const program = 'spanhouse';

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

	/** Those that can still be used, by address. The secrets of their links are kept nowhere. */
	invitations(): Invitation[] {
		const pending = this.#invitations.list().filter(({ value }) => value.expiresMs > this.#clock());
		return pending.map(({ name, author, timeMs, value: { role, projects, expiresMs } }) => ({
			email: name,
			role,
			projects: projects ?? null,
			isNew: this.#users.get(name) === undefined,
			author,
			createdMs: timeMs,
			expiresMs,
		}));
	}

	/** Resolves with the secret of a link: for a new account, or to choose another password. A link from before ends. */
	async invite(email: string, { role, projects }: Grant, author: string): Promise<string> {
		checkGrant({ role, projects });
		for (const { name, value } of this.#invitations.list()) {
			if (value.expiresMs <= this.#clock()) await this.#invitations.delete(name, program);
		}
		this.#checkRoom(email);
		const { secret, hash } = newCredential('invitation');
		const known = this.#users.get(email);
		const grant =
			known === undefined ? { role, ...limitTo(projects) } : { role: known.role, ...limitTo(known.projects) };
		await this.#invitations.put(email, { hash, ...grant, expiresMs: this.#clock() + invitationMs }, author);
		return secret;
	}

	/** The link leads nowhere from now on. Throws a ProblemError of 404 when there is none. */
	async withdraw(email: string, author: string): Promise<void> {
		if (await this.#invitations.delete(email, author)) return;
		throw new ProblemError(404, 'NO_SUCH_INVITATION', `there is no invitation of ${email}`);
	}

	/** Whom a link is for; the first account chooses its address itself. */
	invited(secret: string): { email: string | undefined } | undefined {
		const hash = hashOf(secret);
		if (hash === this.#setup.hash) return this.setupSecret() === undefined ? undefined : { email: undefined };
		const found = this.#invitations.list().find(({ value }) => value.hash === hash);
		return found === undefined || found.value.expiresMs <= this.#clock() ? undefined : { email: found.name };
	}

	/** Resolves with the address of the account. */
	async accept(secret: string, email: string | undefined, password: string): Promise<string> {
		const invited = this.invited(secret);
		if (invited === undefined) {
			throw new ProblemError(403, 'INVITATION_OVER', 'this link was used or is over; ask an admin for another');
		}
		const account = invited.email ?? email;
		if (account === undefined) throw new ProblemError(400, 'EMAIL_MISSING', 'the first account needs an email');
		const { role, projects } = this.#granted(invited.email);
		const hash = await hashPassword(password);
		// Again: of two that use the link at once, one hashed its password meanwhile.
		if (this.invited(secret) === undefined || (invited.email !== undefined && !(await this.#use(account)))) {
			throw new ProblemError(403, 'INVITATION_OVER', 'this link was used meanwhile');
		}
		await this.#users.put(account, { role, ...limitTo(projects), password: hash }, account);
		return account;
	}

	/** False: somebody else did, on another collector. */
	#use = (email: string): Promise<boolean> => this.#invitations.delete(email, email);

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
		// A link for another password would make the account anew.
		await this.#invitations.delete(email, author);
		await this.#users.delete(email, author);
	}

	/** What a link promises. The first account is the operator's; one that is there keeps what it may by now. */
	#granted(email: string | undefined): Grant {
		if (email === undefined) return { role: 'admin', projects: undefined };
		const granted = this.#users.get(email) ?? this.#invitations.get(email);
		return { role: granted?.role ?? 'viewer', projects: granted?.projects };
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
		if (this.#users.get(email) !== undefined || this.#invitations.get(email) !== undefined) return;
		if (this.#users.list().length + this.#invitations.list().length >= maxUsers) {
			throw new ProblemError(409, 'TOO_MANY_USERS', `there are ${maxUsers} users and invitations already`);
		}
	}
}
