import type { DocumentOf } from '../../../schema/desired-state.ts';
import type { DeclaredDocument, Documents } from '../../desired/documents.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';
import type { AlertLabels } from './alert-labels.ts';
import { channelKey } from './alert-identity.ts';
import type { ChannelSpec } from './channel/channel.ts';
import { readRoutes } from './route/route.ts';
import type { NotificationRoute } from './route/route.ts';
import { activeUntil, readSilence, silencedUntil } from './silence/silence.ts';
import type { Silence } from './silence/silence.ts';

/** A silence as it is declared, and what it means; `problem` says why it means nothing. */
export interface DeclaredSilence {
	declared: DeclaredDocument<'Silence'>;
	silence: Silence | undefined;
	problem: string | null;
}

interface DeclarationsParts {
	documents: Documents;
	/** Projects in which something is declared. */
	projects: () => readonly string[];
	log: Log;
}

/** Routes, silences, channels and heartbeats as they are declared, read once between one change and the next. */
export class Declarations {
	readonly #parts: DeclarationsParts;
	readonly #routes = new Map<string, NotificationRoute[]>();
	readonly #silences = new Map<string, DeclaredSilence[]>();

	constructor(parts: DeclarationsParts) {
		this.#parts = parts;
	}

	/** What has been read is read anew. */
	changed(project: string): void {
		this.#routes.delete(project);
		this.#silences.delete(project);
	}

	/** In the order in which they are asked. */
	routes(project: string): NotificationRoute[] {
		const known = this.#routes.get(project);
		if (known !== undefined) return known;
		const routes = readRoutes(this.#parts.documents.list(project, 'Route').map(({ document }) => document));
		this.#routes.set(project, routes);
		return routes;
	}

	silences(project: string): DeclaredSilence[] {
		const known = this.#silences.get(project);
		if (known !== undefined) return known;
		const silences = this.#parts.documents.list(project, 'Silence').map((declared) => this.#read(declared));
		this.#silences.set(project, silences);
		return silences;
	}

	/** Until when the silences that match are in force; null where none is. */
	silencedUntil(project: string, labels: AlertLabels, nowMs: number): number | null {
		const ends = this.silences(project).flatMap(({ silence }) => {
			const end = silence === undefined ? null : silencedUntil(silence, labels, nowMs);
			return end === null ? [] : [end];
		});
		return ends.length === 0 ? null : Math.max(...ends);
	}

	channels(project: string): DeclaredDocument<'Channel'>[] {
		return this.#parts.documents.list(project, 'Channel');
	}

	channel(project: string, name: string): ChannelSpec | undefined {
		return this.#parts.documents.get(project, 'Channel', name)?.document.spec;
	}

	/** Of every project, by a key of their own. */
	heartbeats(): Map<string, DocumentOf<'Heartbeat'>> {
		return new Map(
			this.#parts
				.projects()
				.flatMap((project) =>
					this.#parts.documents
						.list(project, 'Heartbeat')
						.map(({ document }) => [heartbeatKey(project, document.metadata.name), document] as const),
				),
		);
	}

	#read(declared: DeclaredDocument<'Silence'>): DeclaredSilence {
		const { metadata, spec } = declared.document;
		try {
			return { declared, silence: readSilence(spec), problem: null };
		} catch (error) {
			const problem = messageOf(error);
			this.#parts.log.warn({ silence: metadata.name, problem }, 'a silence that silences nothing');
			return { declared, silence: undefined, problem };
		}
	}
}

export const heartbeatKey = (project: string, name: string): string => channelKey(project, name);

/** Until when it is in force now; null where it isn't. */
export const activeUntilMs = ({ silence }: DeclaredSilence, nowMs: number): number | null =>
	silence === undefined ? null : activeUntil(silence, nowMs);
