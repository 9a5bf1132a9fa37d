-- In the background, for parts that are older than the indexes.
ALTER TABLE {database}.spans {on_cluster}
	MATERIALIZE INDEX by_trace,
	MATERIALIZE INDEX by_resource,
	MATERIALIZE INDEX by_int64_value,
	MATERIALIZE INDEX by_int64_key,
	MATERIALIZE INDEX by_double_key,
	MATERIALIZE INDEX by_bool_key,
	MATERIALIZE INDEX by_other_key
