/** Columns that edges are sorted by; addresses name them, before any edge is there. */
export const EDGE_SORTS = ['caller', 'callee', 'calls', 'errors', 'p50', 'p95', 'p99', 'total'] as const;
export type EdgeSort = (typeof EDGE_SORTS)[number];
