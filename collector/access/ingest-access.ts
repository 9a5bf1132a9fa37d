import { randomBytes } from 'node:crypto';
import { DEFAULT_PROJECT, PROJECT_HEADER } from '../../schema/project.ts';
import { ProblemError } from '../problem.ts';
import type { Sender } from '../receiver/sender.ts';
import { hashOf, isWellFormed, last4Of, PREFIXES } from './credential.ts';
import type { IngestKeys } from './ingest-keys.ts';
import type { Projects } from './projects.ts';

/** What a sender says of itself, by whatever protocol. */
export interface SenderHeaders {
	authorization: string | undefined;
	/** `x-spanhouse-key`, for what can't set Authorization. */
	key: string | undefined;
	/** `x-spanhouse-project`: where no key says it. */
	project: string | undefined;
	/** Of a page in a browser. */
	origin: string | undefined;
}

interface IngestAccessParts {
	keys: IngestKeys;
	projects: Projects;
	isNeeded: boolean;
	/** Keys by SPANHOUSE_INGEST_KEYS, each with its project. */
	given: readonly GivenKey[];
	/** Where keys are made, for the words of a refusal. */
	keysUrl: () => string;
}

/** Decides whether a sender is let in. What is refused is told in words, with the last characters of its key. */
export class IngestAccess {
	readonly #parts: IngestAccessParts;
	/** Project by hash. */
	readonly #given: ReadonlyMap<string, string>;
	/** Of this process: for the span by which it tries its own listener. */
	readonly #own = randomBytes(32).toString('hex');
	readonly #ownHash = hashOf(this.#own);

	constructor(parts: IngestAccessParts) {
		this.#parts = parts;
		this.#given = new Map(parts.given.map(({ key, project }) => [hashOf(key), project]));
	}

	/** By which a request of this process is let in, into any project. */
	ownHeaders(project: string): Record<string, string> {
		return { authorization: `Bearer ${this.#own}`, [PROJECT_HEADER]: project };
	}

	/**
	 * Whose request it is. Throws a ProblemError of 401 for a key that does not count, and of 403 for one that does not
	 * count from there, or for another project.
	 */
	senderOf(headers: SenderHeaders): Sender {
		const { authorization, key, project } = headers;
		const { isNeeded, keysUrl } = this.#parts;
		const secret = key ?? /^Bearer\s+(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
		const known = secret === undefined ? undefined : this.#byKey(secret, headers);
		if (known !== undefined) return known;
		// Where no key is asked for, what comes with one of another Spanhouse is taken as what comes with none.
		if (!isNeeded) return this.#unlimited(project);
		if (secret !== undefined) throw new ProblemError(401, 'BAD_INGEST_KEY', whyUnknown(secret, keysUrl()));
		throw new ProblemError(401, 'NO_INGEST_KEY', `${nothingSent(authorization)}; keys are made at ${keysUrl()}`);
	}

	#byKey(secret: string, { project: asked, origin }: SenderHeaders): Sender | undefined {
		const hash = hashOf(secret);
		if (hash === this.#ownHash) return this.#unlimited(asked);
		const given = this.#given.get(hash);
		if (given !== undefined) return this.#unlimited(keptTo(given, asked, secret));
		const found = this.#parts.keys.find(secret);
		if (found?.type === 'browser') checkOrigin(last4Of(secret), found.origins, origin);
		return found === undefined
			? undefined
			: {
					project: this.#parts.projects.forSender(keptTo(found.project, asked, secret)),
					charge: found.charge,
					chargeSpans: found.chargeSpans,
				};
	}

	#unlimited(project: string | undefined): Sender {
		return { project: this.#parts.projects.forSender(project), charge: () => {}, chargeSpans: () => {} };
	}
}

/** A key belongs to one project, and lets in to no other. */
function keptTo(project: string, asked: string | undefined, secret: string): string {
	if (asked === undefined || asked === project) return project;
	const key = `the key that ends in ${last4Of(secret)} belongs to the project ${project}`;
	throw new ProblemError(
		403,
		'WRONG_PROJECT',
		`${key}, and ${PROJECT_HEADER} says ${JSON.stringify(asked.slice(0, 100))}`,
	);
}

/** `project:key` of a setting, or the key alone. */
export interface GivenKey {
	key: string;
	project: string;
}

export function givenKey(text: string): GivenKey {
	const [, project = DEFAULT_PROJECT, key = text] = /^([a-z0-9][a-z0-9-]{0,62}):(.+)$/.exec(text) ?? [];
	return { key, project };
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
