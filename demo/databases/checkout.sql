CREATE TABLE orders (
	id uuid PRIMARY KEY,
	user_id text NOT NULL,
	total_cents int NOT NULL,
	payment_id text NOT NULL,
	placed_at timestamptz NOT NULL DEFAULT now()
);
-- One of the demo's faults: the rank of a gold customer is computed from all that was ever bought.
CREATE TABLE order_history (
	user_id text NOT NULL,
	bought_at timestamptz NOT NULL,
	total_cents int NOT NULL
);
INSERT INTO order_history
SELECT 'user-' || (purchase * 7919) % 6000, timestamptz '2024-01-01' + purchase * interval '20 minutes', 490 + (purchase::bigint * 104729) % 60000
FROM generate_series(1, 80000) AS purchase;
ANALYZE;
