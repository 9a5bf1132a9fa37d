/** Where data belongs whose sender names no project. Always there. */
export const DEFAULT_PROJECT = 'default';
/** Of the shop that `npm run demo` plays. */
export const DEMO_PROJECT = 'demo';
/** The header, or metadata of gRPC, by which a sender without a key names its project. */
export const PROJECT_HEADER = 'x-spanhouse-project';
/** In addresses, headers and names of partitions. */
export const PROJECT_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const PROJECT_NAME_WORDS = 'small letters, digits and -, at most 63, not beginning with -';
