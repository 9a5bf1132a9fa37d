import type { Transition } from '../transition.ts';

/** What routes and silences match: several values where an alert is about several services. */
export type AlertLabels = Readonly<Record<string, readonly string[]>>;

/**
 * Labels of the rule, values of its groups, and over them what every alert has: `alert` (name of the rule), `kind`, `severity`,
 * `service`.
 */
export function alertLabels(
	about: Pick<Transition, 'rule' | 'kind' | 'severity' | 'group' | 'labels' | 'services'>,
): AlertLabels {
	const { rule, kind, severity, group, labels, services } = about;
	const own = Object.entries({ ...labels, ...group }).map(([name, value]) => [name, [value]] as const);
	return {
		...Object.fromEntries(own),
		alert: [rule],
		kind: [kind],
		severity: [severity],
		...(services.length === 0 ? {} : { service: services }),
	};
}

/** Every label that is named has a value that fits; `*` stands for any characters. A label that isn't there is ''. */
export function matchesLabels(match: Readonly<Record<string, string>>, labels: AlertLabels): boolean {
	return Object.entries(match).every(([name, pattern]) =>
		(Object.hasOwn(labels, name) ? (labels[name] ?? []) : ['']).some((value) => fits(pattern, value)),
	);
}

/** Goes back to the last `*` alone, so that no pattern takes longer than its length times that of the text. */
function fits(pattern: string, text: string): boolean {
	let at = 0;
	let star = -1;
	let resume = 0;
	for (let position = 0; position < text.length;) {
		if (pattern[at] === '*') {
			star = at;
			at += 1;
			resume = position;
		} else if (pattern[at] === text[position]) {
			at += 1;
			position += 1;
		} else if (star >= 0) {
			at = star + 1;
			resume += 1;
			position = resume;
		} else {
			return false;
		}
	}
	return /^\**$/.test(pattern.slice(at));
}
