/** Which spans are calls of a database, and by what they are grouped, in SQL over `spans`. */
import { SPAN_KINDS, SPAN_TYPES } from '../../schema/span.ts';

/** A database's own spans are its side of somebody's call. */
export const IS_DATABASE_CALL = `type = ${SPAN_TYPES.indexOf('db')} AND kind != ${SPAN_KINDS.indexOf('server')}`;

/** The fingerprint of the query; where a call says none, as of some key-value stores, a hash of its operation. */
export const QUERY = 'if(db_query_fingerprint != 0, db_query_fingerprint, cityHash64(operation))';

/** How many rows the call returned; of one that doesn't say, 0. */
export const ROWS_RETURNED = "attributes_int64['db.response.returned_rows']";

/** Drivers that don't know it say -1, as ODBC and Python's DB-API do. */
export const TELLS_ROWS = `(mapContains(attributes_int64, 'db.response.returned_rows') AND ${ROWS_RETURNED} >= 0)`;

/** As it stands in addresses: 16 hexadecimal digits. */
export const queryHex = (column: string): string => `lower(leftPad(hex(${column}), 16, '0'))`;
