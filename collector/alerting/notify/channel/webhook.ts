import type { NotificationBody } from '../../../../schema/notification.ts';
import type { AlertMessage, Message } from './message.ts';

/** What a generic webhook gets: the shape is part of the outside surface. */
export const webhookBody = (message: Message): NotificationBody => ({
	version: 1,
	key: message.key,
	state: message.state,
	severity: message.severity,
	title: message.title,
	repeat: message.isRepeat,
	group: message.group,
	omitted: message.omitted,
	alerts: message.alerts.map(toAlert),
});

function toAlert({
	transition,
	isNew,
	dedupKey,
	title,
	summary,
	links,
}: AlertMessage): NotificationBody['alerts'][number] {
	const { notify: _, sequence, window: __, title: ___, ...about } = transition;
	return {
		...about,
		group: { ...about.group },
		labels: { ...about.labels },
		annotations: { ...about.annotations },
		services: [...about.services],
		id: dedupKey,
		sequence,
		new: isNew,
		title,
		summary,
		links,
	};
}
