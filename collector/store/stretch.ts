/** How long the stretches are by which spans lie in order: five minutes, as `stretch` of schema/clickhouse/0088_span_stretches.sql. */
export const STRETCH_MS = 300_000;
