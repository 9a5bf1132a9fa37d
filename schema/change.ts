/** What changes: found by service.version, or told by people and pipelines. */
export const CHANGE_KINDS = ['deploy', 'configuration', 'flag', 'migration', 'other'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
