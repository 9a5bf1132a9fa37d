/** What a node of the service map is. Stored by index: append only. */
export const NODE_TYPES = ['service', 'database', 'queue', 'external'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/**
 * What an edge counts. Stored by index: append only.
 *
 * - `request`: the caller's client spans that a server span of the callee answers, or that nothing answers (`external`).
 * - `database`: the caller's database spans.
 * - `messaging`: spans that send to a queue, spans that work on what came out of it; and, between two services, the
 *   latter again, by whose message they work on.
 * - `child`: server spans whose parent is a span of another service that is no client span.
 */
export const EDGE_TYPES = ['request', 'database', 'messaging', 'child'] as const;
export type EdgeType = (typeof EDGE_TYPES)[number];

/** Stands for everything beyond the bounds on names. */
export const OTHER_NAME = '(other)';
