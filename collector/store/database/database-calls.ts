/** Which spans are calls of a database, and by what they are grouped, in SQL over `spans`. */
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';

/** A database's own spans are its side of somebody's call. */
export const IS_DATABASE_CALL = `type = ${SPAN_TYPES.indexOf('db')} AND kind != ${SPAN_KINDS.indexOf('server')}`;

/** The fingerprint of the query; where a call says none, as of some key-value stores, a hash of its operation. */
export const QUERY = 'if(db_query_fingerprint != 0, db_query_fingerprint, cityHash64(operation))';

/** As it stands in addresses: 16 hexadecimal digits. */
export const queryHex = (column: string): string => `lower(leftPad(hex(${column}), 16, '0'))`;
