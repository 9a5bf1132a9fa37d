import { ATTRIBUTE_VALUES } from './attribute-values.ts';
import type { DerivedTable } from './derived-table.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { FLAG_HOURS } from './flag-hours.ts';
import { QUERY_MINUTES } from './query-minutes.ts';
import { RED_HOURS, RED_MINUTES } from './red-minutes.ts';
import { SERVICE_HOURS, SERVICE_MINUTES } from './service-minutes.ts';
import { SERVICE_VERSIONS } from './service-versions.ts';

/** All tables that are made of spans. One that is new to a store begins with the oldest span that is kept. */
export const DERIVED_TABLES: readonly DerivedTable[] = [
	ATTRIBUTE_VALUES,
	EXCEPTIONS,
	FLAG_HOURS,
	QUERY_MINUTES,
	RED_MINUTES,
	RED_HOURS,
	SERVICE_MINUTES,
	SERVICE_HOURS,
	SERVICE_VERSIONS,
];
