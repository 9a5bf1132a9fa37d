import { createHash } from 'node:crypto';
import type { AlertEventRow, AlertTable } from '../store/alerts/alert-types.ts';
import type { FiredDocument } from './make-transition.ts';
import type { Transition } from './transition.ts';

interface BlindParts {
	table: Pick<AlertTable, 'appendEvents'>;
	publish: (transition: Transition) => Promise<void>;
	clock: () => number;
	project: string;
}

/** Shorter gaps are a restart, or a slow insert. */
const blindAfterMs = 120_000;
const rule = 'evaluation-is-blind';
const minuteMs = 60_000;

/**
 * The one alert about the alerts: ingest is so far behind that no rule can be evaluated. It is told before it is written down,
 * for what is behind may be the store itself.
 */
export class BlindAlert {
	readonly #parts: BlindParts;
	#fired: FiredDocument | undefined;
	/** Not yet on disk. */
	#unwritten: AlertEventRow[] = [];

	constructor(parts: BlindParts) {
		this.#parts = parts;
	}

	/** `lagMs`: how far behind ingest is. `rules`: how many can't be evaluated. */
	async step(lagMs: number, rules: number): Promise<void> {
		const nowMs = Math.floor(this.#parts.clock());
		if (rules > 0 && lagMs > blindAfterMs && this.#fired === undefined) {
			this.#fired = this.#firing(nowMs, lagMs);
			await this.#tell(this.#fired.transition);
		} else if (this.#fired !== undefined && (rules === 0 || lagMs <= blindAfterMs)) {
			const { transition } = this.#fired;
			this.#fired = undefined;
			await this.#tell({ ...transition, state: 'resolved', reason: 'recovered', sequence: nowMs, endedMs: nowMs });
		}
		if (this.#unwritten.length === 0) return;
		await this.#parts.table.appendEvents(this.#unwritten);
		this.#unwritten = [];
	}

	async #tell(transition: Transition): Promise<void> {
		const isFiring = transition.state === 'firing';
		const document = { transition, groupKey: '[]', conditionKey: 'ticket', windowMs: minuteMs, everyMs: minuteMs };
		this.#unwritten.push({
			project: transition.project,
			rule: `Alert/${rule}`,
			firingId: transition.firingId,
			kind: isFiring ? 'fired' : 'resolved',
			tMs: transition.endedMs ?? transition.startedMs,
			groupKey: '[]',
			conditionKey: 'ticket',
			author: '',
			text: isFiring ? transition.title : 'recovered',
			document: JSON.stringify({ ...document, question: '', violating: null }),
		});
		await this.#parts.publish(transition);
	}

	#firing(nowMs: number, lagMs: number): FiredDocument {
		const { project } = this.#parts;
		const transition: Transition = {
			firingId: createHash('sha256').update(`${project} ${rule} ${nowMs}`).digest('hex').slice(0, 32),
			project,
			rule,
			kind: 'Alert',
			severity: 'ticket',
			group: {},
			labels: {},
			annotations: {},
			notify: [],
			state: 'firing',
			reason: null,
			sequence: nowMs,
			value: lagMs * 1e6,
			threshold: blindAfterMs * 1e6,
			unit: 'nanoseconds',
			measure: 'ingest lag',
			startedMs: nowMs,
			endedMs: null,
			query: '',
			services: [],
			title: `No alert can be evaluated: ingest is ${Math.round(lagMs / 1_000)} s behind`,
			evidence: null,
			budgetLeftRatio: null,
			window: { fromMs: nowMs - lagMs, toMs: nowMs },
		};
		return {
			transition,
			groupKey: '[]',
			conditionKey: 'ticket',
			windowMs: minuteMs,
			everyMs: minuteMs,
			heldMs: 0,
			question: '',
			violating: null,
		};
	}
}
