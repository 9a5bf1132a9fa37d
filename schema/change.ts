/** What changes: found by service.version and by feature flags on spans, or told by people and pipelines. */
export const CHANGE_KINDS = ['deploy', 'configuration', 'flag', 'migration', 'other'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * What became of a variant of a feature flag. `first`: of a flag that was not seen before. `switch`: no other is seen any more.
 * `beside`: others still are. `gone`: it is the variant that is not seen any more, and others go on.
 */
export const FLAG_EFFECTS = ['first', 'switch', 'beside', 'gone'] as const;
export type FlagEffect = (typeof FLAG_EFFECTS)[number];

/** What a day has room for: flags of a service, and variants of a flag. With more, its variants are values, such as ids. */
export const FLAG_CAPS = { flags: 500, variants: 20 } as const;
