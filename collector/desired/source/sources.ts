import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Log } from '../../log.ts';
import { messageOf, ProblemError } from '../../problem.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { StoredDocuments } from '../documents.ts';
import { documentSource, settingSources } from './define-sources.ts';
import type { SourceSettings, SourceSurroundings } from './define-sources.ts';
import type { SourceDefinition } from './source-definition.ts';
import { SourceLoop } from './source-loop.ts';

interface SourcesParts extends SourceSurroundings {
	settings: SourceSettings;
	/** The project that the settings' sources belong to. */
	project: string;
	documents: StoredDocuments;
	state: StateStore;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
}

const expireEveryMs = 1_000;
const maxSources = 50;

/** All sources: those of the settings, and those that documents declare, as they come and go. */
export class Sources {
	readonly #parts: SourcesParts;
	readonly #loops = new Map<string, SourceLoop>();
	/** Loops of sources that are gone, as long as they finish. */
	readonly #ending = new Set<Promise<void>>();
	#timer: NodeJS.Timeout | undefined;
	#stopListening: (() => void) | undefined;
	#expiring: Promise<void> = Promise.resolve();
	#isStarted = false;

	constructor(parts: SourcesParts) {
		this.#parts = parts;
		this.#refresh();
	}

	start(): void {
		this.#isStarted = true;
		for (const loop of this.#loops.values()) loop.start();
		this.#stopListening = this.#parts.documents.onChange(({ kind }) => kind === 'Source' && this.#refresh());
		this.#timer = setInterval(
			() => (this.#expiring = this.#expiring.then(() => this.#expireOverrides())),
			expireEveryMs,
		);
		this.#timer.unref();
	}

	async close(): Promise<void> {
		clearInterval(this.#timer);
		this.#stopListening?.();
		await this.#expiring;
		await Promise.all([...[...this.#loops.values()].map((loop) => loop.stop()), ...this.#ending]);
	}

	has(project: string, name: string): boolean {
		return this.#loops.has(keyOf(project, name));
	}

	list(project: string): SourceLoop[] {
		return [...this.#loops.values()]
			.filter(({ definition }) => definition.project === project)
			.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
	}

	/** Throws NO_SUCH_SOURCE. */
	get(project: string, name: string): SourceLoop {
		const loop = this.#loops.get(keyOf(project, name));
		if (loop === undefined) throw new ProblemError(404, 'NO_SUCH_SOURCE', `there is no source ${JSON.stringify(name)}`);
		return loop;
	}

	#refresh(): void {
		const { documents, settings, project } = this.#parts;
		const trusted = settingSources(settings, this.#parts, project);
		const declared = documents.everywhere('Source').map(({ project, declared }) => {
			const origin = declared.origin?.source;
			const isTrusted = origin !== undefined && this.#isFolder(project, origin, trusted);
			return documentSource(declared, project, isTrusted, this.#parts);
		});
		const names = new Set(trusted.map(({ name }) => name));
		const wanted = [...trusted, ...declared.filter(({ name }) => !names.has(name))].slice(0, maxSources);
		this.#keepOnly(wanted);
	}

	#isFolder(project: string, name: string, trusted: readonly SourceDefinition[]): boolean {
		if (trusted.some((source) => source.name === name && source.type === 'folder')) return true;
		return this.#loops.get(keyOf(project, name))?.definition.type === 'folder';
	}

	#keepOnly(wanted: readonly SourceDefinition[]): void {
		const { documents, state, clock, log } = this.#parts;
		const byKey = new Map(wanted.map((definition) => [keyOf(definition.project, definition.name), definition]));
		for (const [key, loop] of this.#loops) {
			if (byKey.get(key)?.fingerprint === loop.definition.fingerprint) continue;
			this.#loops.delete(key);
			const ending: Promise<void> = loop.stop().finally(() => this.#ending.delete(ending));
			this.#ending.add(ending);
		}
		for (const [key, definition] of byKey) {
			if (this.#loops.has(key)) continue;
			const isSource = (name: string) => this.has(definition.project, name);
			const loop = new SourceLoop({ definition, documents, state, isSource, clock, log });
			this.#loops.set(key, loop);
			if (this.#isStarted) loop.start();
		}
	}

	/** Also while the source can't be read: what it said is kept beside the override. */
	async #expireOverrides(): Promise<void> {
		const { documents, clock, log } = this.#parts;
		for (const { project, declared } of documents.overridden()) {
			const { kind, metadata } = declared.document;
			if ((declared.override?.untilMs ?? Infinity) > clock()) continue;
			await documents.endOverride(project, kind, metadata.name, 'end of the override').catch((error: unknown) => {
				log.warn({ kind, name: metadata.name, error: messageOf(error) }, 'an override could not be ended');
			});
		}
	}
}

const keyOf = (project: string, name: string): string => JSON.stringify([project, name]);

/**
 * Whether a request that says that something was pushed comes from who knows the secret: the HMAC of the body as GitHub, Gitea
 * and Forgejo send it, or the token that GitLab sends.
 */
export function isSigned(body: string, header: (name: string) => string | undefined, secret: string): boolean {
	const token = header('x-gitlab-token');
	if (token !== undefined) return isEqual(token, secret);
	const signature = header('x-hub-signature-256')?.replace(/^sha256=/, '') ?? header('x-gitea-signature') ?? '';
	return isEqual(signature, createHmac('sha256', secret).update(body).digest('hex'));
}

function isEqual(found: string, expected: string): boolean {
	const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
	return timingSafeEqual(digest(found), digest(expected));
}
