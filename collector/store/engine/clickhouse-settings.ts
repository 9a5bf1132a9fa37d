import type { ClickHouseSettings } from '@clickhouse/client';

/** A query may take no longer. */
export const maxExecutionSeconds = 30;
const mebibyte = 1024 ** 2;

/**
 * Every read carries these. `readonly = 1` forbids writing, changing settings, and table functions that reach files or
 * hosts; the answer is held back until it is whole, so that an error never hides behind status 200.
 */
export const readSettings: ClickHouseSettings = {
	readonly: '1',
	max_execution_time: maxExecutionSeconds,
	max_memory_usage: String(1024 * mebibyte),
	priority: '1',
	// Groups beyond this go to disk and take longer, where the query would have failed.
	max_bytes_before_external_group_by: String(384 * mebibyte),
	max_result_bytes: String(256 * mebibyte),
	result_overflow_mode: 'throw',
	wait_end_of_query: 1,
	cancel_http_readonly_queries_on_client_close: 1,
	output_format_json_quote_64bit_integers: 0,
};

/**
 * Of rollups the same rows are read again and again, by every page and each time that one refreshes, and to unpack them takes as long as
 * all else. Spans are hardly ever the same.
 */
export const rollupSettings: ClickHouseSettings = { use_uncompressed_cache: 1 };

/** Pinned, because their defaults differ between versions: one insert is one block is one part, committed when it is answered. */
export const insertSettings: ClickHouseSettings = {
	async_insert: 0,
	insert_deduplicate: 0,
	max_insert_threads: '1',
	input_format_parallel_parsing: 0,
	min_insert_block_size_rows: '1048449',
	min_insert_block_size_bytes: String(256 * mebibyte),
	wait_end_of_query: 1,
};

/**
 * What is made of stored rows while nobody waits for it: on one thread, and standing back while a read runs. One block, so
 * that it is one part.
 */
export const deriveSettings: ClickHouseSettings = {
	...insertSettings,
	max_threads: 1,
	priority: '2',
	max_memory_usage: String(1024 * mebibyte),
	// More than one partition would make more than one part, which isn't atomic: rather fail than that.
	max_partitions_per_insert_block: '1',
	throw_on_max_partitions_per_insert_block: 1,
};
