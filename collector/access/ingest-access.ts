import { randomBytes } from 'node:crypto';
import { ProblemError } from '../problem.ts';
import { hashOf, isWellFormed, last4Of, PREFIXES } from './credential.ts';
import type { IngestKeys } from './ingest-keys.ts';

/** What a sender says of itself, by whatever protocol. */
export interface SenderHeaders {
	authorization: string | undefined;
	/** `x-spanhouse-key`, for what can't set Authorization. */
	key: string | undefined;
	/** Of a page in a browser. */
	origin: string | undefined;
}

interface IngestAccessParts {
	keys: IngestKeys;
	isNeeded: boolean;
	/** Keys by SPANHOUSE_INGEST_KEYS. */
	given: readonly string[];
	/** Where keys are made, for the words of a refusal. */
	keysUrl: () => string;
}

/** Decides whether a sender is let in. What is refused is told in words, with the last characters of its key. */
export class IngestAccess {
	readonly #parts: IngestAccessParts;
	readonly #given: ReadonlySet<string>;
	/** Of this process: for the span by which it tries its own listener. */
	readonly #own = randomBytes(32).toString('hex');

	constructor(parts: IngestAccessParts) {
		this.#parts = parts;
		this.#given = new Set([...parts.given, this.#own].map(hashOf));
	}

	/** By which a request of this process is let in. */
	ownHeaders(): Record<string, string> {
		return { authorization: `Bearer ${this.#own}` };
	}

	/** Throws a ProblemError of 401 for a key that does not count, and of 403 for one that does not count from there. */
	check({ authorization, key, origin }: SenderHeaders): void {
		const { keys, isNeeded, keysUrl } = this.#parts;
		if (!isNeeded) return;
		const secret = key ?? /^Bearer\s+(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
		if (secret === undefined) {
			throw new ProblemError(401, 'NO_INGEST_KEY', `${nothingSent(authorization)}; keys are made at ${keysUrl()}`);
		}
		if (this.#given.has(hashOf(secret))) return;
		const found = keys.find(secret);
		if (found === undefined) throw new ProblemError(401, 'BAD_INGEST_KEY', whyUnknown(secret, keysUrl()));
		if (found.type === 'browser') checkOrigin(last4Of(secret), found.origins, origin);
	}
}

function checkOrigin(last4: string, origins: readonly string[], origin = 'no origin'): void {
	if (origins.includes(origin)) return;
	throw new ProblemError(
		403,
		'WRONG_ORIGIN',
		`the browser key that ends in ${last4} is for pages of ${origins.join(', ')}; this one is of ${origin.slice(0, 200)}`,
	);
}

const nothingSent = (authorization: string | undefined): string =>
	authorization === undefined
		? 'no ingest key: send the header `authorization: Bearer sph_…`, as by OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20sph_…'
		: 'the authorization header holds no key; expected `Bearer sph_…`';

function whyUnknown(secret: string, keysUrl: string): string {
	const name = `the key that ends in ${last4Of(secret)}`;
	if (secret.startsWith(PREFIXES.token)) return `${name} is an API token, which reads; senders need an ingest key`;
	if (isWellFormed('ingest', secret)) {
		return `${name} was revoked, or belongs to another Spanhouse; those that count here are listed at ${keysUrl}`;
	}
	return `${name} is not an ingest key, or was cut: they begin with ${PREFIXES.ingest}; make one at ${keysUrl}`;
}
