import type { ScreenNotification } from '../../../schema/api-notify.ts';
import type { Transition } from '../transition.ts';
import { alertKey } from './alert-identity.ts';
import { fillPlaceholders } from './channel/placeholders.ts';
import { oneLine } from './channel/plain-text.ts';

const longest = 500;

/** What an open screen is told of a transition. */
export function screenNotification(transition: Transition): ScreenNotification {
	const { firingId, rule, state, severity, title, annotations, services, startedMs, sequence } = transition;
	return {
		key: `${alertKey(transition)}/${sequence}`,
		firingId,
		alert: rule,
		state,
		severity,
		title: oneLine(title, longest),
		summary: oneLine(fillPlaceholders(annotations['summary'] ?? '', transition), longest),
		services: services.slice(0, 30).map((service) => oneLine(service, longest)),
		startedMs,
	};
}
