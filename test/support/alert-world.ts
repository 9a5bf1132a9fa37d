/** A scheduler of alerts on a virtual clock, with values that a test makes up. */
import type { AlertSpec } from '../../schema/desired-state.ts';
import { Announcer } from '../../collector/alerting/announcer.ts';
import type { AlertCrashHook } from '../../collector/alerting/crash-point.ts';
import type { Measured } from '../../collector/alerting/evaluate/evaluate.ts';
import { DELAY_MS, Scheduler } from '../../collector/alerting/scheduler.ts';
import type { Transition } from '../../collector/alerting/transition.ts';
import { watchAlert } from '../../collector/alerting/watched.ts';
import type { MeasureBatch, Watched } from '../../collector/alerting/watched.ts';
import { silentLog } from '../../collector/log.ts';
import { MemoryAlertTable } from './memory-alert-table.ts';

export function watchedRule(spec: AlertSpec, name = 'rule'): Watched {
	const document = {
		apiVersion: 'spanhouse.dev/v1' as const,
		kind: 'Alert' as const,
		metadata: { name, labels: { team: 'shop' }, annotations: {} },
		spec,
	};
	const read = watchAlert('default', { document, version: 1, author: 'ann', changedMs: 0, owner: { source: null } });
	if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
	return read.watched;
}

export class AlertWorld {
	readonly table = new MemoryAlertTable();
	/** By rule, then by end of the window. A window without an entry has no groups. */
	readonly measured = new Map<string, Map<number, Measured>>();
	readonly published: Transition[] = [];
	watched: Watched[] = [];
	nowMs = 0;
	/** Ingest has stored everything up to here. */
	watermarkMs = 0;
	/** Dies, or not. */
	crash: AlertCrashHook = async () => {};
	/** In place of `measured`. */
	measure: MeasureBatch | undefined;
	storeIsAway = false;
	questions = 0;
	#epoch = 0;

	/** Another process on the same tables. */
	open(): Promise<Scheduler> {
		this.#epoch += 1;
		return Scheduler.open({ ...this.scheduling(), epoch: this.#epoch });
	}

	/** What a process needs to evaluate. `publish` in place of the list of all. */
	scheduling(publish = async (transition: Transition): Promise<void> => void this.published.push(transition)) {
		const announcer = new Announcer({
			table: this.table,
			publish,
			gather: async () => null,
			budgetLeft: () => null,
			log: silentLog,
			crash: (point) => this.crash(point),
		});
		const measure: MeasureBatch = async (batch, { fromMs, toMs }) => {
			if (this.storeIsAway) throw new Error('away');
			this.questions += 1;
			if (this.measure !== undefined) return this.measure(batch, { fromMs, toMs });
			return new Map(
				batch.map((watched) => {
					const ticks: Measured[] = [];
					for (let tMs = fromMs; tMs <= toMs; tMs += watched.rule.everyMs) {
						const known = this.measured.get(watched.name)?.get(tMs);
						ticks.push(known ?? { kind: 'values', tMs, groups: new Map() });
					}
					return [watched, ticks];
				}),
			);
		};
		return {
			table: this.table,
			watched: () => this.watched,
			measure,
			announcer,
			watermarkMs: () => this.watermarkMs,
			clock: () => this.nowMs,
			log: silentLog,
			crash: (point: Parameters<AlertCrashHook>[0]) => this.crash(point),
		};
	}

	/** Everything up to a moment is stored, and its windows may be evaluated. */
	reach(tMs: number): void {
		this.watermarkMs = tMs + DELAY_MS;
		this.nowMs = Math.max(this.nowMs, this.watermarkMs);
	}

	/** Transitions in the history, once each, in order. */
	history(): string[] {
		return [...this.table.events.values()]
			.filter(({ kind }) => kind !== 'evidence')
			.sort((a, b) => a.tMs - b.tMs)
			.map(({ kind, tMs, conditionKey, groupKey, text }) =>
				[tMs, kind, conditionKey, ...(JSON.parse(groupKey) as string[]), ...(kind === 'resolved' ? [text] : [])].join(
					' ',
				),
			);
	}
}
