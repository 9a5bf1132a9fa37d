/** Conditions on what spans refer to: resources and scopes, of which a project has few. */

/** The rows of one project: what others send neither decides here nor costs anything. */
export const rowsOf = (table: string, condition: string): string =>
	`${table} WHERE project = {project:String} AND (${condition})`;

export const inTable = (column: string, table: string, condition: string): string =>
	condition === '0' ? '0' : `${column} IN (SELECT id FROM ${rowsOf(table, condition)})`;

/**
 * Worked out before any span is read, and a constant from then on: where no row of the table fulfils it, the condition that it is
 * a part of is left out, and the columns that this asks aren't read. Parts of `spans` are chosen before it is worked out, and what
 * spans name is stored before them, so that nothing which comes in meanwhile is missed. A subquery may be NULL, a condition not.
 */
export const someIn = (table: string, condition: string): string =>
	condition === '0' ? '0' : `ifNull((SELECT count() FROM (SELECT 1 FROM ${rowsOf(table, condition)} LIMIT 1)), 0) > 0`;
