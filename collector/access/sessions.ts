import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import { hashOf, newCredential } from './credential.ts';
import { ACCESS_KINDS, AccessDocuments } from './documents.ts';

interface SessionDocument {
	user: string;
	createdMs: number;
	/** Not exact: see noteEveryMs. */
	usedMs: number;
}

interface SessionParts {
	state: StateStore;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
}

const hourMs = 3_600_000;
const idleMs = 12 * hourMs;
export const SESSION_MS = 7 * 24 * hourMs;
/** How often its use is written down; after a restart a session may end earlier by so much, never later. */
const noteEveryMs = hourMs;
const maxPerUser = 20;
const maxSessions = 4_000;

/** Who is logged in. The cookie holds 256 random bits, of which a hash is kept. */
export class Sessions {
	readonly #documents: AccessDocuments<SessionDocument>;
	readonly #clock: () => number;
	readonly #log: Log;
	readonly #usedMs = new Map<string, number>();

	constructor({ state, clock, log }: SessionParts) {
		this.#documents = new AccessDocuments(state, ACCESS_KINDS.session);
		this.#clock = clock;
		this.#log = log;
	}

	/** Resolves with the secret of a new one. The oldest ones end where there are too many. */
	async begin(user: string): Promise<string> {
		const nowMs = this.#clock();
		await this.#makeRoom(user);
		const { secret, hash } = newCredential('session');
		await this.#documents.put(hash, { user, createdMs: nowMs, usedMs: nowMs }, user);
		return secret;
	}

	/** Whose session it is; undefined when there is none or it has ended. */
	find(secret: string): { user: string; session: string } | undefined {
		const session = hashOf(secret);
		const document = this.#documents.get(session);
		if (document === undefined || this.#isOver(session, document)) return undefined;
		this.#use(session, document);
		return { user: document.user, session };
	}

	async end(session: string, author: string): Promise<void> {
		this.#usedMs.delete(session);
		await this.#documents.delete(session, author);
	}

	async endAllOf(user: string, author: string, except?: string): Promise<void> {
		for (const { name, value } of this.#documents.list()) {
			if (value.user === user && name !== except) await this.end(name, author);
		}
	}

	#isOver(session: string, { createdMs, usedMs }: SessionDocument): boolean {
		const lastMs = Math.max(usedMs, this.#usedMs.get(session) ?? 0);
		const nowMs = this.#clock();
		return nowMs >= createdMs + SESSION_MS || nowMs >= lastMs + idleMs;
	}

	#use(session: string, document: SessionDocument): void {
		const nowMs = this.#clock();
		const notedMs = document.usedMs;
		const isDue = nowMs >= notedMs + noteEveryMs && nowMs >= (this.#usedMs.get(session) ?? notedMs) + 1_000;
		this.#usedMs.set(session, nowMs);
		if (!isDue) return;
		this.#documents.put(session, { ...document, usedMs: nowMs }, document.user).catch((error: unknown) => {
			this.#log.warn({ error: messageOf(error) }, 'the use of a session could not be written down');
		});
	}

	async #makeRoom(user: string): Promise<void> {
		const all = this.#documents.list().sort((a, b) => a.value.createdMs - b.value.createdMs);
		const over = all.filter(({ name, value }) => this.#isOver(name, value)).slice(0, 50);
		const own = all.filter(({ value }) => value.user === user);
		const surplus = [
			...own.slice(0, Math.max(0, own.length - maxPerUser + 1)),
			...all.slice(0, Math.max(0, all.length - maxSessions + 1)),
		];
		for (const name of new Set([...over, ...surplus].map(({ name }) => name))) await this.end(name, 'spanhouse');
	}
}
