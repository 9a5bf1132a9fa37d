import type { Measured } from './evaluate.ts';
import type { Condition, Rule } from './rule.ts';

/** What somebody should know before saving the rule: it can't fire, or it would fire all the time. */
export function warningsOf(rule: Rule, evaluations: readonly Measured[], firings: number): string[] {
	const warnings = rule.conditions.flatMap((condition) => {
		const reason = neverFires(rule, condition);
		return reason === undefined ? [] : [`The ${condition.key} condition can never fire: ${reason}.`];
	});
	const most = mostRequests(evaluations);
	if (rule.minRequests > 0 && most !== undefined && most < rule.minRequests) {
		warnings.push(
			`It can never fire on this traffic: no window had ${rule.minRequests} requests, the busiest had ${Math.round(most)}.`,
		);
	}
	const hours = (evaluations.length * rule.everyMs) / 3_600_000;
	if (firings > hours && firings > 1) {
		warnings.push(
			`It would have fired more than once an hour: ${firings} times in ${Math.max(1, Math.round(hours))} h.`,
		);
	}
	return warnings;
}

function neverFires({ unit }: Rule, { test }: Condition): string | undefined {
	const { kind, threshold } = test;
	if (kind === 'above' && unit === 'percent' && threshold >= 100) return 'a share is never above 100 %';
	if (kind === 'above' && unit === 'ratio' && threshold >= 1) return 'Apdex is never above 1';
	if (kind === 'below' && threshold <= 0) return 'the measure is never below 0';
	if (kind === 'change' && threshold <= -100) return 'nothing falls by more than 100 %';
	return undefined;
}

function mostRequests(evaluations: readonly Measured[]): number | undefined {
	let most: number | undefined;
	for (const measured of evaluations) {
		if (measured.kind !== 'values') continue;
		for (const { requests } of measured.groups.values()) most = Math.max(most ?? 0, requests);
	}
	return most;
}
