import { randomUUID } from 'node:crypto';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { Sender } from '../receiver/sender.ts';
import type { StateStore } from '../state/state-store.ts';
import { Allowance } from './allowance.ts';
import { hashOf, newCredential } from './credential.ts';
import { ACCESS_KINDS, AccessDocuments } from './documents.ts';
import { tooMany } from './rate-limits.ts';
import type { RateLimitCounts, ThrottleStatus } from './rate-limits.ts';

interface KeyDocument {
	label: string;
	/** A browser's key is read by every visitor: it counts only with the origins that it is for. */
	type: 'server' | 'browser';
	/** `https://shop.example`; of a browser's key. */
	origins: string[];
	/** Where what is sent with it belongs. */
	project: string;
	/** Of unpacked bytes; absent: as much as there is room for. */
	bytesPerMinute?: number;
	/** Absent: as many as there is room for. */
	spansPerMinute?: number;
	createdMs: number;
	author: string;
}

interface SecretDocument {
	key: string;
	last4: string;
	createdMs: number;
}

export interface IngestKey extends KeyDocument {
	id: string;
	/** Oldest first. Two while a key is being changed: both work. */
	secrets: { last4: string; createdMs: number }[];
	lastUsedMs: number | null;
	/** Requests beyond what it may send, since the start. */
	refused: number;
}

interface KeyParts {
	state: StateStore;
	clock: () => number;
	log: Log;
	limits: RateLimitCounts;
	throttleStatus: ThrottleStatus;
}

/** Absent: none of its own. */
export type KeyLimits = Pick<KeyDocument, 'bytesPerMinute' | 'spansPerMinute'>;

/** Of a sender. */
type FoundKey = KeyDocument & Pick<Sender, 'charge' | 'chargeSpans'>;

/** What is left of them. */
interface KeyAllowances {
	bytes: Allowance | undefined;
	spans: Allowance | undefined;
}

const maxKeys = 500;
const maxSecrets = 2;
const noteUseEveryMs = 300_000;
const originsForMs = 5_000;
const useDocument = 'all';

/** Let senders in, and nothing else: no key reads. */
export class IngestKeys {
	readonly #keys: AccessDocuments<KeyDocument>;
	readonly #secrets: AccessDocuments<SecretDocument>;
	readonly #uses: AccessDocuments<Record<string, number>>;
	readonly #clock: () => number;
	readonly #log: Log;
	readonly #limits: RateLimitCounts;
	readonly #throttleStatus: ThrottleStatus;
	readonly #allowances = new Map<string, KeyAllowances>();
	readonly #refused = new Map<string, number>();
	readonly #usedMs: Map<string, number>;
	#notedMs: number;
	#origins: { readMs: number; list: string[] } | undefined;

	constructor({ state, clock, log, limits, throttleStatus }: KeyParts) {
		this.#limits = limits;
		this.#throttleStatus = throttleStatus;
		this.#keys = new AccessDocuments(state, ACCESS_KINDS.ingestKey);
		this.#secrets = new AccessDocuments(state, ACCESS_KINDS.ingestSecret);
		this.#uses = new AccessDocuments(state, ACCESS_KINDS.ingestUse);
		this.#clock = clock;
		this.#log = log;
		this.#usedMs = new Map(Object.entries(this.#uses.get(useDocument) ?? {}));
		this.#notedMs = clock();
	}

	list(): IngestKey[] {
		const secrets = Map.groupBy(this.#secrets.list(), ({ value }) => value.key);
		return this.#keys.list().map(({ name, value }) => ({
			...value,
			id: name,
			secrets: (secrets.get(name) ?? [])
				.map(({ value: { last4, createdMs } }) => ({ last4, createdMs }))
				.sort((a, b) => a.createdMs - b.createdMs),
			lastUsedMs: this.#usedMs.get(name) ?? null,
			refused: this.#refused.get(name) ?? 0,
		}));
	}

	/** Resolves with the secret, which is shown this once. */
	async create(key: Omit<KeyDocument, 'createdMs' | 'author'>, author: string) {
		if (this.#keys.list().length >= maxKeys) {
			throw new ProblemError(409, 'TOO_MANY_KEYS', `there are ${maxKeys} ingest keys already; revoke some`);
		}
		const id = randomUUID();
		const secret = await this.#addSecret(id, author);
		await this.#keys.put(id, { ...key, createdMs: this.#clock(), author }, author);
		this.#origins = undefined;
		return { id, secret };
	}

	/** In place of those that it has. */
	async setLimits(id: string, limits: KeyLimits, author: string): Promise<void> {
		const { bytesPerMinute: _, spansPerMinute: __, ...key } = this.#found(id);
		await this.#keys.put(id, { ...key, ...limits }, author);
		this.#allowances.delete(id);
	}

	/** A second secret beside the first, so that senders can be changed one by one. */
	async rotate(id: string, author: string): Promise<string> {
		this.#found(id);
		const own = this.#ownSecrets(id);
		if (own.length >= maxSecrets) {
			throw new ProblemError(409, 'ROTATION_OPEN', 'this key has two secrets already; retire the older one first');
		}
		return this.#addSecret(id, author);
	}

	/** Ends a rotation: the older secret works no more. */
	async retire(id: string, author: string): Promise<void> {
		this.#found(id);
		const own = this.#ownSecrets(id).sort((a, b) => a.value.createdMs - b.value.createdMs);
		const [older] = own;
		if (own.length < maxSecrets || older === undefined) {
			throw new ProblemError(409, 'NO_ROTATION', 'this key has one secret; rotate it first, or revoke the key');
		}
		await this.#secrets.delete(older.name, author);
	}

	async revoke(id: string, author: string): Promise<void> {
		this.#found(id);
		// First, because a secret without its key is worth nothing.
		await this.#keys.delete(id, author);
		for (const { name } of this.#ownSecrets(id)) await this.#secrets.delete(name, author);
		this.#origins = undefined;
		for (const known of [this.#allowances, this.#refused]) known.delete(id);
	}

	async revokeAllOf(project: string, author: string): Promise<void> {
		for (const { name, value } of this.#keys.list()) if (value.project === project) await this.revoke(name, author);
	}

	/** Undefined for a secret that belongs to no key. Notes that it was used. */
	find(secret: string): FoundKey | undefined {
		const id = this.#secrets.get(hashOf(secret))?.key;
		const key = id === undefined ? undefined : this.#keys.get(id);
		if (id === undefined || key === undefined) return undefined;
		this.#usedMs.set(id, this.#clock());
		if (this.#clock() >= this.#notedMs + noteUseEveryMs) void this.noteUse();
		return {
			...key,
			charge: (bytes) => this.#charge(id, key, bytes),
			chargeSpans: (spans) => this.#allowancesOf(id, key).spans?.spend(spans),
		};
	}

	/** Of all browsers' keys; at most five seconds old. */
	origins(): readonly string[] {
		const nowMs = this.#clock();
		if (this.#origins === undefined || nowMs >= this.#origins.readMs + originsForMs) {
			const list = this.#keys.list().flatMap(({ value }) => value.origins);
			this.#origins = { readMs: nowMs, list: [...new Set(list)] };
		}
		return this.#origins.list;
	}

	/** Writes down when keys were used last. Never rejects. */
	async noteUse(): Promise<void> {
		this.#notedMs = this.#clock();
		const known = new Set(this.#keys.list().map(({ name }) => name));
		const uses = Object.fromEntries([...this.#usedMs].filter(([id]) => known.has(id)));
		if (JSON.stringify(uses) === JSON.stringify(this.#uses.get(useDocument) ?? {})) return;
		await this.#uses.put(useDocument, uses, 'spanhouse').catch((error: unknown) => {
			this.#log.warn({ error: messageOf(error) }, 'the use of ingest keys could not be written down');
		});
	}

	/** Throws a ProblemError of 429, or as configured, while it sent too much; what is let through may be more than what was left. */
	#charge(id: string, key: KeyDocument, bytes: number): void {
		const allowances = this.#allowancesOf(id, key);
		const [bytesWaitMs = 0, spansWaitMs = 0] = [allowances.bytes?.waitMs(), allowances.spans?.waitMs()];
		if (bytesWaitMs === 0 && spansWaitMs === 0) return allowances.bytes?.spend(bytes);
		this.#refused.set(id, (this.#refused.get(id) ?? 0) + 1);
		this.#limits.note('ingest');
		const limit = spansWaitMs > bytesWaitMs ? `${key.spansPerMinute} spans` : `${key.bytesPerMinute} bytes`;
		const what = `the ingest key ${JSON.stringify(key.label)} may send ${limit} a minute`;
		throw tooMany(what, Math.max(bytesWaitMs, spansWaitMs), this.#throttleStatus);
	}

	#allowancesOf(id: string, { bytesPerMinute, spansPerMinute }: KeyDocument): KeyAllowances {
		const known = this.#allowances.get(id);
		if (known !== undefined) return known;
		const allowance = (perMinute: number | undefined) =>
			perMinute === undefined ? undefined : new Allowance(perMinute, this.#clock);
		const made = { bytes: allowance(bytesPerMinute), spans: allowance(spansPerMinute) };
		this.#allowances.set(id, made);
		return made;
	}

	async #addSecret(id: string, author: string): Promise<string> {
		const { secret, hash, last4 } = newCredential('ingest');
		await this.#secrets.put(hash, { key: id, last4, createdMs: this.#clock() }, author);
		return secret;
	}

	#ownSecrets(id: string) {
		return this.#secrets.list().filter(({ value }) => value.key === id);
	}

	#found(id: string): KeyDocument {
		const key = this.#keys.get(id);
		if (key === undefined) throw new ProblemError(404, 'NO_SUCH_KEY', `there is no ingest key ${id}`);
		return key;
	}
}
