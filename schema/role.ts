/** What people and programs may do, each including the ones before. Stored as text: names stay. */
export const USER_ROLES = ['viewer', 'editor', 'admin'] as const;
export type UserRole = (typeof USER_ROLES)[number];
