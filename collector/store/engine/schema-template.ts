import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import type { PromotedAttribute } from '../../../schema/promoted-attributes.ts';

const columnTypes: Record<PromotedAttribute['storage'], string> = {
	dictionary: 'LowCardinality(String)',
	string: 'String',
	int64: 'Int64',
};

/** ClickHouse type of a promoted attribute's column. */
export const promotedColumnType = (attribute: PromotedAttribute): string => columnTypes[attribute.storage];

/** Where the replicas of a table of one shard find each other: ClickHouse fills in what it calls macros. */
const REPLICA = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";

const engineOf = (name: string, more: string | undefined, isReplicated: boolean): string => {
	if (isReplicated) return `Replicated${name}(${REPLICA}${more === undefined ? '' : `, ${more}`})`;
	return more === undefined ? name : `${name}(${more})`;
};

/**
 * Fills the placeholders of a migration: `{database}`, `{promoted_columns}`, `{engine:Name}`, with arguments behind it where it
 * has some, for the engine of a table, and `{on_cluster}`, which is empty: every server of a cluster is given the statement by
 * itself. `database` has been checked to be an identifier.
 */
export function renderMigration(template: string, database: string, isReplicated = false): string {
	const promoted = PROMOTED_ATTRIBUTES.map(
		(attribute) => `${attribute.column} ${promotedColumnType(attribute)} CODEC(ZSTD(1))`,
	);
	const sql = template
		.replaceAll('{database}', `\`${database}\``)
		.replaceAll('{on_cluster}', '')
		.replaceAll('{promoted_columns}', promoted.join(',\n\t'))
		.replaceAll(/\{engine:(\w+)\}(?:\((\w+)\))?/g, (_, name: string, more?: string) =>
			engineOf(name, more, isReplicated),
		);
	const left = /\{\w+(?::\w+)?\}/.exec(sql.replaceAll(REPLICA, ''));
	if (left !== null) throw new Error(`nothing fills the placeholder ${left[0]} of a migration`);
	return sql;
}
