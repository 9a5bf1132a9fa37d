/** Facets that are counted in one request. */
export const FACETS_AT_ONCE = 24;
