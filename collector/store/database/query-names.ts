/** By which names of the semantic conventions calls say what they ask of whom. */
import type { QueryNames } from '../../../schema/api-database.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import type { QueryCall } from './calls-above.ts';

const own = (attribute: string): string =>
	`bitTest(promoted_own, ${PROMOTED_ATTRIBUTES.findIndex((promoted) => promoted.attribute === attribute)})`;

/** Today's name stands in its column alone, an old one in the map beside its copy. A call may have both. */
const NAMES = [
	{ attribute: 'db.query.text', isOld: false, has: own('db.query.text') },
	{ attribute: 'db.statement', isOld: true, has: "mapContains(attributes_string, 'db.statement')" },
	{ attribute: 'db.system.name', isOld: false, has: own('db.system.name') },
	{ attribute: 'db.system', isOld: true, has: "mapContains(attributes_string, 'db.system')" },
] as const;

/** One bit for each of the names. */
export const NAMES_OF_CALL = NAMES.map(({ has }, bit) => `toUInt8(${has}) * ${2 ** bit}`).join(' + ');

const maxServices = 20;

/** The names that calls came under, and whose calls they are. */
export function namesOf(calls: readonly QueryCall[]): QueryNames[] {
	return NAMES.flatMap(({ attribute, isOld }, bit) => {
		const under = calls.filter(({ names }) => (names >> bit) % 2 === 1);
		if (under.length === 0) return [];
		const services = [...new Set(under.map(({ service }) => service))].sort();
		const weight = under.reduce((sum, call) => sum + call.weight, 0);
		return [{ attribute, isOld, calls: weight, services: services.slice(0, maxServices), of: services.length }];
	});
}
