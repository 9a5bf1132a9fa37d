-- As 0001 lays them, but for larger granules: see docs/adr/0067. New stores come by here first, and 0001 finds the table there; those
-- that have it keep it as it is.
-- One row a span. A span lies where it ended: `time` is its end, or the receive time when the end was out of range.
-- Ids, names and sizes of what repeats (resources, scopes) are kept once in tables of their own.
CREATE TABLE IF NOT EXISTS {database}.spans {on_cluster}
(
	project LowCardinality(String),
	time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	trace_id FixedString(16) CODEC(ZSTD(1)),
	span_id FixedString(8) CODEC(NONE),
	parent_span_id FixedString(8) CODEC(ZSTD(1)),
	start_nano UInt64 CODEC(Delta(8), ZSTD(1)),
	duration_nano UInt64 CODEC(T64, ZSTD(1)),
	-- Sent end minus (start + duration), wrapping: 0 but for spans that never ended or ended before their start.
	end_correction_nano UInt64 CODEC(ZSTD(1)),
	kind UInt8 CODEC(ZSTD(1)),
	type UInt8 CODEC(ZSTD(1)),
	status UInt8 CODEC(ZSTD(1)),
	error UInt8 CODEC(ZSTD(1)),
	entry UInt8 CODEC(ZSTD(1)),
	weight Float64 CODEC(ZSTD(1)),
	flags UInt32 CODEC(ZSTD(1)),
	marks UInt32 CODEC(ZSTD(1)),
	dropped_attributes UInt32 CODEC(ZSTD(1)),
	dropped_events UInt32 CODEC(ZSTD(1)),
	dropped_links UInt32 CODEC(ZSTD(1)),

	service_namespace LowCardinality(String) CODEC(ZSTD(1)),
	service LowCardinality(String) CODEC(ZSTD(1)),
	environment LowCardinality(String) CODEC(ZSTD(1)),
	version LowCardinality(String) CODEC(ZSTD(1)),
	instance LowCardinality(String) CODEC(ZSTD(1)),
	operation LowCardinality(String) CODEC(ZSTD(1)),
	name LowCardinality(String) CODEC(ZSTD(1)),
	scope_name LowCardinality(String) CODEC(ZSTD(1)),
	status_message String CODEC(ZSTD(1)),
	trace_state String CODEC(ZSTD(1)),
	resource_id UInt64 CODEC(ZSTD(1)),
	scope_id UInt64 CODEC(ZSTD(1)),

	-- schema/promoted-attributes.ts. Bit i of promoted_own: the value lives in its column alone, not in the maps.
	{promoted_columns},
	promoted_own UInt32 CODEC(ZSTD(1)),
	attributes_string Map(LowCardinality(String), String) CODEC(ZSTD(1)),
	attributes_int64 Map(LowCardinality(String), Int64) CODEC(ZSTD(1)),
	attributes_double Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
	attributes_bool Map(LowCardinality(String), Bool) CODEC(ZSTD(1)),
	-- Bytes, arrays, maps and empty values as OTLP/JSON AnyValue text.
	attributes_other Map(LowCardinality(String), String) CODEC(ZSTD(1)),

	-- Attributes of events and links are tagged values: schema/span-block.ts.
	event_time_nano Array(UInt64) CODEC(ZSTD(1)),
	event_name Array(LowCardinality(String)) CODEC(ZSTD(1)),
	event_dropped_attributes Array(UInt32) CODEC(ZSTD(1)),
	event_attributes Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
	link_trace_id Array(FixedString(16)) CODEC(ZSTD(1)),
	link_span_id Array(FixedString(8)) CODEC(ZSTD(1)),
	link_trace_state Array(String) CODEC(ZSTD(1)),
	link_flags Array(UInt32) CODEC(ZSTD(1)),
	link_dropped_attributes Array(UInt32) CODEC(ZSTD(1)),
	link_attributes Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),

	INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX by_string_value mapValues(attributes_string) TYPE bloom_filter(0.02) GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (project, toStartOfInterval(time, INTERVAL 3 HOUR, 'UTC'))
ORDER BY (project, toStartOfFiveMinutes(time), trace_id)
SETTINGS
	index_granularity = 8192,
	-- A part of this table is three hundred files when every column has its own: too many to make and to sync for an insert.
	-- Inserts stay below this many bytes, uncompressed, and are one file; larger merges are above it.
	min_bytes_for_wide_part = 67108864,
	-- Twenty million spans. Reads gain nothing by larger parts, and each further round of merges costs more than an insert;
	-- nor should it be less, because many parts in one partition make the engine merge fewer of them at a time.
	max_bytes_to_merge_at_max_space_in_pool = 1073741824,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1
