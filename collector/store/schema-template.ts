import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { PromotedAttribute } from '../../schema/promoted-attributes.ts';

const columnTypes: Record<PromotedAttribute['storage'], string> = {
	dictionary: 'LowCardinality(String)',
	string: 'String',
	int64: 'Int64',
};

/** ClickHouse type of a promoted attribute's column. */
export const promotedColumnType = (attribute: PromotedAttribute): string => columnTypes[attribute.storage];

/**
 * Fills the placeholders of a migration: `{database}`, `{promoted_columns}`, `{engine:Name}` for the engine of a table, and
 * `{on_cluster}`, which is empty: there is one server. `database` has been checked to be an identifier.
 */
export function renderMigration(template: string, database: string): string {
	const promoted = PROMOTED_ATTRIBUTES.map(
		(attribute) => `${attribute.column} ${promotedColumnType(attribute)} CODEC(ZSTD(1))`,
	);
	const sql = template
		.replaceAll('{database}', `\`${database}\``)
		.replaceAll('{on_cluster}', '')
		.replaceAll('{promoted_columns}', promoted.join(',\n\t'))
		.replaceAll(/\{engine:(\w+)\}/g, '$1');
	const left = /\{\w+(?::\w+)?\}/.exec(sql);
	if (left !== null) throw new Error(`nothing fills the placeholder ${left[0]} of a migration`);
	return sql;
}
