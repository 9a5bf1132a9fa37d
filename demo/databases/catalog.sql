CREATE TABLE products (
	id int PRIMARY KEY,
	title text NOT NULL,
	category text NOT NULL,
	price_cents int NOT NULL
);
INSERT INTO products
SELECT
	id,
	(ARRAY['Oak', 'Linen', 'Copper', 'Wool', 'Glass', 'Cork'])[1 + id % 6] || ' ' ||
		(ARRAY['lamp', 'table', 'bowl', 'blanket', 'chair', 'vase', 'clock'])[1 + id % 7] || ' ' || id,
	(ARRAY['kitchen', 'living', 'garden', 'office'])[1 + id % 4],
	490 + (id * 7919) % 24000
FROM generate_series(1, 400) AS id;
CREATE INDEX ON products (category);
ANALYZE;
