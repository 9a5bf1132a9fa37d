import { FLAG_CAPS } from '../../../schema/change.ts';
import type { DerivedTable } from './derived-table.ts';
import { OTHER } from './red-caps.ts';

const OF_SPANS = 'project, service_namespace, service, environment';
const SERIES = 'service_namespace, service, flag, variant';
/** Of texts that people chose, as of titles and revisions of changes that are told. */
const MOST_LETTERS = 256;

const cut = (text: string): string => `substringUTF8(${text}, 1, ${MOST_LETTERS})`;

const VALUE = "'feature_flag.result.value'";

/** A flag as attributes of the span, under the names of today and of before; without a variant the value stands for it. */
const OF_ATTRIBUTES = `(${cut("attributes_string['feature_flag.key']")}, ${cut(`multiIf(
	attributes_string['feature_flag.result.variant'] != '', attributes_string['feature_flag.result.variant'],
	attributes_string['feature_flag.variant'] != '', attributes_string['feature_flag.variant'],
	attributes_string[${VALUE}] != '', attributes_string[${VALUE}],
	mapContains(attributes_bool, ${VALUE}), if(attributes_bool[${VALUE}], 'true', 'false'),
	mapContains(attributes_int64, ${VALUE}), toString(attributes_int64[${VALUE}]),
	mapContains(attributes_double, ${VALUE}), toString(attributes_double[${VALUE}]), '')`)})`;

/** What is behind the letter of a tagged value; arrays, maps and bytes are no variant. */
const untagged = (key: string): string => `if(startsWith(of['${key}'], 'j'), '', substring(of['${key}'], 2))`;

const EVENTS = ['feature_flag.evaluation', 'feature_flag'];
const isEvent = EVENTS.map((name) => `name = '${name}'`).join(' OR ');

/** The same of an event, which is how libraries record it. */
const OF_EVENTS = `arrayMap((name, of) -> if(${isEvent},
	(${cut(untagged('feature_flag.key'))}, ${cut(`multiIf(
		${untagged('feature_flag.result.variant')} != '', ${untagged('feature_flag.result.variant')},
		${untagged('feature_flag.variant')} != '', ${untagged('feature_flag.variant')}, ${untagged('feature_flag.result.value')})`)}),
	('', '')), event_name, event_attributes)`;

const hasFlags = [
	...EVENTS.map((name) => `has(event_name, '${name}')`),
	"mapContains(attributes_string, 'feature_flag.key')",
].join(' OR ');

const select = (where: string): string => `
	SELECT ${OF_SPANS}, toStartOfHour(toDateTime(time, 'UTC')) AS hour, pair.1 AS flag, pair.2 AS variant,
		count() AS evaluations, min(time) AS first_time, max(time) AS last_time
	FROM spans ARRAY JOIN arrayDistinct(arrayPushBack(${OF_EVENTS}, ${OF_ATTRIBUTES})) AS pair
	WHERE (${where}) AND (${hasFlags}) AND pair.1 != '' AND pair.2 != ''
	GROUP BY ${OF_SPANS}, hour, flag, variant`;

/** What the day has, which stays: of these names alone, without anything to count. */
const KNOWN = `
	SELECT project, service_namespace, service, '' AS environment, toDateTime(0, 'UTC') AS hour, kept.flag AS flag, kept.variant AS variant,
		toUInt64(0) AS evaluations, min(kept.first_time) AS first_time, max(kept.last_time) AS last_time, 1 AS isKnown
	FROM flag_hours AS kept
	WHERE project = {project:String} AND _day = toDate({day:Int32}) AND kept.flag != '${OTHER}' AND kept.variant != '${OTHER}'
	GROUP BY project, ${SERIES}`;

/**
 * Names that the day has already go first, then the most frequent. Of a variant beyond the cap its flag is kept, of a flag beyond
 * it the service.
 */
const withinCaps = (where: string, { flags, variants }: Record<keyof typeof FLAG_CAPS, number>): string => `
	SELECT ${OF_SPANS}, hour, names.1 AS flag, names.2 AS variant, sum(counted.evaluations) AS evaluations,
		min(counted.first_time) AS first_time, max(counted.last_time) AS last_time
	FROM (
		SELECT *, multiIf(flagPlace > ${flags}, ('${OTHER}', '${OTHER}'), variantPlace > ${variants}, (flag, '${OTHER}'), (flag, variant)) AS names
		FROM (
			SELECT *,
				dense_rank() OVER (PARTITION BY service_namespace, service ORDER BY isKnownFlag DESC, ofFlag DESC, flag) AS flagPlace,
				dense_rank() OVER (PARTITION BY service_namespace, service, flag ORDER BY isKnownVariant DESC, ofVariant DESC, variant)
					AS variantPlace
			FROM (
				SELECT *, max(isKnown) OVER (PARTITION BY service_namespace, service, flag) AS isKnownFlag,
					sum(evaluations) OVER (PARTITION BY service_namespace, service, flag) AS ofFlag,
					max(isKnown) OVER (PARTITION BY ${SERIES}) AS isKnownVariant,
					sum(evaluations) OVER (PARTITION BY ${SERIES}) AS ofVariant
				FROM (SELECT *, 0 AS isKnown FROM (${select(where)}) UNION ALL SELECT * FROM (${KNOWN}))))
		WHERE isKnown = 0) AS counted
	GROUP BY ${OF_SPANS}, hour, names`;

export const flagHours = (caps: Record<keyof typeof FLAG_CAPS, number>): DerivedTable => ({
	name: 'flag_hours',
	columns: `${OF_SPANS}, hour, flag, variant, evaluations, first_time, last_time`,
	isOfFlags: true,
	select,
	store: (where) => withinCaps(where, caps),
});

/** Which variants of feature flags a service was given, and when first and last, by hour. */
export const FLAG_HOURS: DerivedTable = flagHours(FLAG_CAPS);
