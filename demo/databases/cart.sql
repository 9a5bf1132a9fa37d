CREATE TABLE cart_items (
	user_id text NOT NULL,
	product_id int NOT NULL,
	quantity int NOT NULL,
	PRIMARY KEY (user_id, product_id)
);
-- One of the demo's faults: prices are looked up by product, and there is no index for that.
CREATE TABLE price_history (
	product_id int NOT NULL,
	valid_from timestamptz NOT NULL,
	price_cents int NOT NULL
);
INSERT INTO price_history
SELECT 1 + change % 400, timestamptz '2026-01-01' + change * interval '10 minutes', 490 + (change * 7919) % 24000
FROM generate_series(1, 30000) AS change;
ANALYZE;
