import { availableParallelism, totalmem } from 'node:os';
import type { ClickHouseSettings } from '@clickhouse/client';

/** The header that a client of the embedded server must send; the server has no other protection than this and loopback. */
export const SECRET_HEADER = 'X-Spanhouse-Secret';

const mebibyte = 1024 ** 2;

/** What the engine may use altogether: half of the machine or of the container, 1 to 4 GiB. Beyond it, queries fail, not the machine. */
function engineMemoryBytes(): number {
	const constrained = process.constrainedMemory();
	const machine = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
	return Math.round(Math.min(Math.max(machine / 2, 1024 * mebibyte), 4096 * mebibyte));
}

/**
 * Server settings that differ from ClickHouse's, whose caches are made for machines that run nothing else.
 *
 * Of `merge_tree`, what older servers don't know and so can't stand in the tables: no statistics of every column, which no
 * query here is planned by; ten parts rather than five make one, which writes a span a quarter less often; and the lengths of
 * texts beside the texts, where they compress better than in a stream of their own. Projections take the codec of the table, whatever
 * its columns say, and with LZ4 would be twice as large.
 *
 * More queries at once than we ask: those whose caller went away are planned to their end before they notice.
 */
export function engineConfig(secret: string): string {
	const merges = Math.max(2, Math.floor(availableParallelism() / 2));
	return `<clickhouse>
	<http_handlers>
		<rule>
			<headers><${SECRET_HEADER}>${secret}</${SECRET_HEADER}></headers>
			<handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
		</rule>
	</http_handlers>
	<max_server_memory_usage>${engineMemoryBytes()}</max_server_memory_usage>
	<mark_cache_size>${64 * mebibyte}</mark_cache_size>
	<primary_index_cache_size>${32 * mebibyte}</primary_index_cache_size>
	<index_mark_cache_size>${16 * mebibyte}</index_mark_cache_size>
	<query_condition_cache_size>${16 * mebibyte}</query_condition_cache_size>
	<compiled_expression_cache_size>${16 * mebibyte}</compiled_expression_cache_size>
	<uncompressed_cache_size>${64 * mebibyte}</uncompressed_cache_size>
	<index_uncompressed_cache_size>0</index_uncompressed_cache_size>
	<max_concurrent_queries>256</max_concurrent_queries>
	<background_pool_size>${merges}</background_pool_size>
	<keep_alive_timeout>60</keep_alive_timeout>
	<merge_tree>
		<auto_statistics_types></auto_statistics_types>
		<merge_selector_base>10</merge_selector_base>
		<string_serialization_version>single_stream</string_serialization_version>
		<default_compression_codec>ZSTD(1)</default_compression_codec>
	</merge_tree>
</clickhouse>
`;
}

export const engineSettings: ClickHouseSettings = {
	// Skip indexes are looked at before anything is read, not beside the reading, which takes half as long again for a trace by
	// its id and finds no more (docs/adr/0060-what-is-left-to-plan.md).
	use_skip_indexes_on_data_read: 0,
	// An answer that is held back until it is whole goes through a file beyond this, which is 1 MiB by itself.
	http_response_buffer_size: String(16 * mebibyte),
};

/** By which the query that keeps the engine alive is found again, to be cancelled when the server is to stop. */
export const ENDLESS_QUERY_COMMENT = 'spanhouse-endless';
const endlessQuery = `SELECT sleepEachRow(0.25) FROM system.numbers
	SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1, log_comment = '${ENDLESS_QUERY_COMMENT}'
	FORMAT Null`;

/** The engine's own command line. It listens because of the first query, and stays because of the second. */
export function engineArguments(folder: string, configFile: string, port: number): string[] {
	return [
		'clickhouse',
		`--path=${folder}`,
		`--config-file=${configFile}`,
		'--listen_host=127.0.0.1',
		`--http_port=${port}`,
		'--query',
		'SYSTEM START LISTEN HTTP',
		'--query',
		endlessQuery,
	];
}
