import { randomUUID } from 'node:crypto';
import type { UserRole } from '../../schema/role.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import { hashOf, newCredential } from './credential.ts';
import { ACCESS_KINDS, AccessDocuments } from './documents.ts';

interface TokenDocument {
	id: string;
	label: string;
	owner: string;
	role: UserRole;
	/** Absent: those of its owner. */
	projects?: readonly string[];
	last4: string;
	createdMs: number;
	/** Undefined: it lasts until somebody deletes it. */
	expiresMs?: number;
}

export type ApiToken = TokenDocument;

const maxPerOwner = 50;

/** Let programs read and change through the API, with a role that is at most the owner's. */
export class ApiTokens {
	readonly #documents: AccessDocuments<TokenDocument>;
	readonly #clock: () => number;

	constructor(state: StateStore, clock: () => number) {
		this.#documents = new AccessDocuments(state, ACCESS_KINDS.token);
		this.#clock = clock;
	}

	/** Of one owner, or of all. */
	list(owner?: string): ApiToken[] {
		const all = this.#documents.list().map(({ value }) => value);
		return all.filter((token) => owner === undefined || token.owner === owner);
	}

	async create(token: Pick<TokenDocument, 'label' | 'owner' | 'role' | 'projects'>, lastsMs: number | undefined) {
		if (this.list(token.owner).length >= maxPerOwner) {
			throw new ProblemError(409, 'TOO_MANY_TOKENS', `${token.owner} has ${maxPerOwner} tokens already; delete some`);
		}
		const { secret, hash, last4 } = newCredential('token');
		const createdMs = this.#clock();
		const expiry = lastsMs === undefined ? {} : { expiresMs: createdMs + lastsMs };
		const document: TokenDocument = { id: randomUUID(), ...token, last4, createdMs, ...expiry };
		await this.#documents.put(hash, document, token.owner);
		return { secret, token: document };
	}

	find(secret: string): ApiToken | undefined {
		const token = this.#documents.get(hashOf(secret));
		return token?.expiresMs !== undefined && token.expiresMs <= this.#clock() ? undefined : token;
	}

	/** Whether there was one. */
	async delete(id: string, author: string): Promise<boolean> {
		const found = this.#documents.list().find(({ value }) => value.id === id);
		return found === undefined ? false : this.#documents.delete(found.name, author);
	}

	async deleteAllOf(owner: string, author: string): Promise<void> {
		for (const { name, value } of this.#documents.list()) {
			if (value.owner === owner) await this.#documents.delete(name, author);
		}
	}
}
