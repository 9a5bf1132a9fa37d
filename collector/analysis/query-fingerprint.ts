/** `db.query.fingerprint`: a column that stands for the text of a query, asked like an attribute. */
import type { Term } from '../../schema/query-syntax.ts';
import { allOf } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';
import type { ValueTest } from './query-value-test.ts';

export const FINGERPRINT_KEY = 'db.query.fingerprint';

const COLUMN = 'db_query_fingerprint';
const AS_TEXT = `lower(leftPad(hex(${COLUMN}), 16, '0'))`;

/** Whole fingerprints are compared as the numbers that they are; parts of one as text. */
export function fingerprintProbe(term: Term, test: ValueTest, bind: QueryParameters): { has: string; match: string } {
	const has = `${COLUMN} != 0`;
	const isEqual = term.operator === ':' || term.operator === '!=';
	const numbers = term.values.flatMap((value) => ('text' in value && isFingerprint(value.text) ? [value.text] : []));
	if (isEqual && numbers.length === term.values.length) {
		const wanted = numbers.map((text) => bind.uint64(BigInt(`0x${text}`)));
		return { has, match: `(${has} AND ${COLUMN} IN (${wanted.join(', ')}))` };
	}
	return { has, match: allOf([has, test.text?.(AS_TEXT) ?? '0']) };
}

const isFingerprint = (text: string): boolean => /^[0-9a-fA-F]{16}$/.test(text);
