import { writeQuantity } from '../../evaluate/write-quantity.ts';
import type { Transition } from '../../transition.ts';

const placeholder = /\{\{\s*([^{}\s]{1,255})\s*\}\}/g;

/**
 * Fills `{{service}}`, `{{value}}` and so on into an annotation, once: what is filled in is not looked at again. Also the rule's
 * labels and the values of its groups, by name. What is unknown stays as it is written.
 */
export function fillPlaceholders(text: string, transition: Transition): string {
	const values = new Map<string, string>([
		...Object.entries(transition.labels),
		...Object.entries(transition.group),
		['alert', transition.rule],
		['severity', transition.severity],
		['state', transition.state],
		['service', transition.services.join(', ')],
		['measure', transition.measure],
		['value', writeQuantity(transition.value, transition.unit)],
		['threshold', writeQuantity(transition.threshold, transition.unit)],
		['since', new Date(transition.startedMs).toISOString()],
	]);
	return text.replaceAll(placeholder, (written, name: string) => values.get(name) ?? written);
}
