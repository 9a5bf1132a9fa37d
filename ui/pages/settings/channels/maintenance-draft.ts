/** What the form of a maintenance window holds: the document as text fields, and back. */
import { readSilence } from '../../../../collector/alerting/notify/silence/silence.ts';
import type { Silence } from '../../../../collector/alerting/notify/silence/silence.ts';
import { API_VERSION, NAME_EXPECTED, NAME_PATTERN } from '../../../../schema/alert.ts';
import type { DocumentOf } from '../../../../schema/desired-state.ts';
import { matchOf, matchText } from './channel-draft.ts';

export type SilenceDocument = DocumentOf<'Silence'>;
type Day = NonNullable<SilenceDocument['spec']['every']>['days'][number];

export const DAYS: readonly { day: Day; name: string }[] = [
	{ day: 'mon', name: 'Mon' },
	{ day: 'tue', name: 'Tue' },
	{ day: 'wed', name: 'Wed' },
	{ day: 'thu', name: 'Thu' },
	{ day: 'fri', name: 'Fri' },
	{ day: 'sat', name: 'Sat' },
	{ day: 'sun', name: 'Sun' },
];

export interface MaintenanceDraft {
	name: string;
	match: string;
	days: Day[];
	at: string;
	lasts: string;
	timeZone: string;
	from: string;
	until: string;
	reason: string;
	/** What the form has no field for stays as it was. */
	kept: Pick<SilenceDocument['metadata'], 'labels' | 'annotations'> & Pick<SilenceDocument['spec'], 'match'>;
}

export const newMaintenance = (timeZone: string): MaintenanceDraft => ({
	name: '',
	match: '',
	days: ['sat', 'sun'],
	at: '02:00',
	lasts: '4h',
	timeZone,
	from: '',
	until: '',
	reason: '',
	kept: { labels: {}, annotations: {}, match: {} },
});

export function maintenanceDraftOf({ metadata, spec }: SilenceDocument): MaintenanceDraft {
	const { name, labels, annotations } = metadata;
	const { match, every, timeZone, from = '', until = '', reason } = spec;
	return {
		name,
		match: matchText(match),
		days: [...(every?.days ?? [])],
		at: every?.at ?? '',
		lasts: every?.for ?? '',
		timeZone,
		from,
		until,
		reason,
		kept: { labels, annotations, match },
	};
}

/** The name that a window has when none is given. */
export const maintenanceNameFor = ({ days, at }: MaintenanceDraft): string =>
	['maintenance', ...daysInOrder(days), at.replaceAll(/\D/g, '')].filter((part) => part !== '').join('-');

const daysInOrder = (days: readonly Day[]): Day[] => DAYS.map(({ day }) => day).filter((day) => days.includes(day));

export function documentOfMaintenance(draft: MaintenanceDraft): SilenceDocument {
	const { labels, annotations, match } = draft.kept;
	const [from, until] = [draft.from.trim(), draft.until.trim()];
	return {
		apiVersion: API_VERSION,
		kind: 'Silence',
		metadata: { name: draft.name.trim(), labels, annotations },
		spec: {
			// A value with a comma in it can't be typed here, and is not lost either.
			match: draft.match === matchText(match) ? match : (matchOf(draft.match) ?? {}),
			...(from === '' ? {} : { from }),
			...(until === '' ? {} : { until }),
			every: { days: daysInOrder(draft.days), at: draft.at.trim(), for: draft.lasts.replaceAll(' ', '') },
			timeZone: draft.timeZone.trim(),
			reason: draft.reason.trim(),
		},
	};
}

/** The window that a document says, or all that is wrong with it, by path in the document. */
export function readMaintenance({ metadata, spec }: SilenceDocument): {
	silence: Silence | undefined;
	problems: Map<string, string>;
} {
	const problems = new Map<string, string>();
	let silence: Silence | undefined;
	if (Object.keys(spec.match).length === 0)
		problems.set('spec.match', 'expected labels, such as service=shop/*, severity=ticket; alert=* for all');
	if (spec.every?.days.length === 0) problems.set('spec.every.days', 'expected a day at least');
	try {
		silence = readSilence(spec);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		const [part = ''] = message.split(' ');
		problems.set(`spec.${part}`, message.slice(part.length + 1));
	}
	const isRight = problems.size === 0;
	if (!NAME_PATTERN.test(metadata.name)) problems.set('metadata.name', NAME_EXPECTED);
	return { silence: isRight ? silence : undefined, problems };
}
