import type { QueryClient } from '@tanstack/svelte-query';
import type { Declared } from '../../../schema/api-alerts.ts';
import type { Problem } from '../../../schema/api.ts';
import type { WrittenDocument } from '../../../schema/desired-state.ts';
import { problemOf } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';
import { refreshAlerting, saveDocument } from './alert-requests.ts';

const hourMs = 3_600_000;

/** Saving, for the editors of documents: what is under way, what came of it, and the override where a source owns one. */
export class DocumentForm {
	/** A document of a source is changed for a while only, and for a reason. */
	override = $state({ hours: '4', reason: '' });
	/** Problems of a name are shown from then on. */
	wasTried = $state(false);
	isSaving = $state(false);
	failure = $state.raw<Problem>();
	readonly #app: AppParts;
	readonly #client: QueryClient;
	readonly #saved: () => Declared | undefined;

	constructor(app: AppParts, client: QueryClient, saved: () => Declared | undefined) {
		this.#app = app;
		this.#client = client;
		this.#saved = saved;
	}

	/** As it is saved; undefined for a new one. */
	get saved(): Declared | undefined {
		return this.#saved();
	}

	get isOwned(): boolean {
		return this.saved?.owner.source != null;
	}

	get mayBeSaved(): boolean {
		return !this.isSaving && (!this.isOwned || this.override.reason.trim() !== '');
	}

	/**
	 * The name under which it is saved; undefined when it is not, and `failure` says why. `version`: the one that it changes.
	 * `note`: for the audit.
	 */
	async save(document: WrittenDocument, version: number | undefined, note?: string): Promise<string | undefined> {
		this.isSaving = true;
		this.failure = undefined;
		try {
			const { hours, reason } = this.override;
			const overrideUntil = this.#app.nowMs() + Number(hours) * hourMs;
			const how = this.isOwned ? { overrideUntil, reason: reason.trim() } : {};
			const { name } = (await saveDocument(this.#app, document, version, { ...how, note })).document.metadata;
			await refreshAlerting(this.#client);
			this.#app.toasts.add(`Saved: ${name}`);
			return name;
		} catch (error) {
			this.failure = problemOf(error);
			return undefined;
		} finally {
			this.isSaving = false;
		}
	}
}
