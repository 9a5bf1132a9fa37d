-- Signs of life of the one collector that evaluates alerts, where several share this store: collector/alerting/evaluator-turn.ts.
CREATE TABLE IF NOT EXISTS {database}.evaluator_beats {on_cluster}
(
	-- The number of the evaluator, larger than of all before it.
	epoch UInt32,
	-- 1: it has stopped, and whoever wants to may follow at once.
	is_last UInt8,
	time DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {engine:MergeTree}
ORDER BY (epoch, time)
TTL toDateTime(time) + toIntervalDay(1)
SETTINGS index_granularity = 1024
