-- What a query says of its caller in a comment behind or before it, as SQLCommenter adds them: route, controller, action,
-- framework, traceparent. Worked out when it is asked for: the query stays what was sent, and ingest pays nothing.
-- Source: google.github.io/sqlcommenter/spec: key='value' pairs, URL-encoded, quotes escaped by a backslash.
ALTER TABLE {database}.spans {on_cluster}
	ADD COLUMN IF NOT EXISTS query_comment Map(String, String) ALIAS if(
		position(attr_db_query_text, '*/') = 0,
		CAST(map(), 'Map(String, String)'),
		mapFromArrays(
			arrayMap(
				k -> decodeURLComponent(k),
				extractAllGroupsHorizontal(
					concat(extract(attr_db_query_text, '/\\*([^*]+)\\*/[\\s;]*$'), ' ', extract(attr_db_query_text, '^\\s*/\\*([^*]+)\\*/')),
					'([\\w%.-]{1,64})=\'((?:[^\'\\\\]|\\\\.)*)\''
				)[1]
			),
			arrayMap(
				v -> decodeURLComponent(replaceRegexpAll(v, '\\\\(.)', '\\1')),
				extractAllGroupsHorizontal(
					concat(extract(attr_db_query_text, '/\\*([^*]+)\\*/[\\s;]*$'), ' ', extract(attr_db_query_text, '^\\s*/\\*([^*]+)\\*/')),
					'([\\w%.-]{1,64})=\'((?:[^\'\\\\]|\\\\.)*)\''
				)[2]
			)
		)
	)
