/** Facets that are counted in one request. */
export const FACETS_AT_ONCE = 24;

/** Keys of a project's day that are listed for completion, wherever they stand. What spans have under others is counted together. */
export const KEYS_OF_A_DAY = 5_000;
