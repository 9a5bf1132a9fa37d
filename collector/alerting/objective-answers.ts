/** Objectives as the API tells of them. */
import type { ObjectiveAnswer, ObjectiveDetail } from '../../schema/api-objectives.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import { declaredOf } from './alert-answers.ts';
import { isFiring } from './evaluate/condition-state.ts';
import { ruleShown } from './evaluate/state-shown.ts';
import { servicesOf } from './firing-query.ts';
import { budgetAt, budgetPoints, BURN_WINDOWS_MS, countsOf, exhaustedAt } from './objectives/budget.ts';
import { warningsAt } from './objective-warnings.ts';
import { burnOf } from './objectives/burn-rates.ts';
import type { Objective } from './objectives/objective.ts';
import type { Recorded } from './objectives/recorder.ts';
import type { RuleEntry } from './rule-entry.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const mostPoints = 180;

export interface AboutObjective {
	declared: DeclaredDocument<'SLO'>;
	objective: Objective;
	recorded: Recorded;
	entry: Readonly<RuleEntry> | undefined;
}

export function objectiveAnswer({ declared, objective, recorded, entry }: AboutObjective): ObjectiveAnswer {
	const { counts, toMs } = recorded;
	const { window, good, total, leftRatio } = budgetAt(objective, counts, toMs);
	return {
		...declaredOf(declared),
		window,
		good,
		total,
		sliPercent: total === 0 ? null : (100 * good) / total,
		budgetLeftRatio: total === 0 ? null : leftRatio,
		burns: BURN_WINDOWS_MS.map((windowMs) => ({
			windowMs,
			rate: burnOf(countsOf(objective, counts, toMs - windowMs, toMs), objective.targetRatio),
		})),
		exhaustedMs: total === 0 ? null : exhaustedAt(objective, counts, toMs),
		firing: entry === undefined ? null : ruleShown(entry.watched.rule, entry.state).severity,
		recordedSinceMs: counts.coveredFrom(toMs),
		services: servicesOf(declared.document.spec.total, {}),
	};
}

export function objectivePoints({ objective, recorded }: AboutObjective): Pick<ObjectiveDetail, 'stepMs' | 'points'> {
	const { counts, toMs } = recorded;
	const { window } = budgetAt(objective, counts, toMs);
	const stepMs = Math.max(1, Math.ceil((window.toMs - window.fromMs) / mostPoints / minuteMs)) * minuteMs;
	const fromMs = Math.max(window.fromMs, counts.coveredFrom(toMs) ?? toMs);
	const steps = Math.floor((toMs - fromMs) / stepMs);
	return { stepMs, points: budgetPoints(objective, counts, { fromMs: toMs - steps * stepMs, toMs, stepMs }) };
}

export function objectiveAlerts({ objective, recorded, entry }: AboutObjective): ObjectiveDetail['alerts'] {
	const { counts, toMs } = recorded;
	const conditions = entry?.watched.rule.conditions ?? [];
	return objective.burnRates.map(({ severity, longMs, shortMs, rate }, index) => {
		const key = conditions[index]?.key ?? '';
		const condition = entry?.state.groups['[]']?.conditions[key];
		const burn = (ms: number) => burnOf(countsOf(objective, counts, toMs - ms, toMs), objective.targetRatio);
		return {
			severity,
			longMs,
			shortMs,
			rate,
			state: condition !== undefined && isFiring(condition) ? 'firing' : 'normal',
			longBurn: burn(longMs),
			shortBurn: burn(shortMs),
		};
	});
}

export function objectiveWarnings({ objective, recorded }: AboutObjective): string[] {
	const { counts, toMs } = recorded;
	const { total, minutes } = counts.sum(toMs - 24 * hourMs, toMs);
	return warningsAt(objective, minutes === 0 ? 0 : (total * 60) / minutes);
}
