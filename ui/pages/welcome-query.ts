import { choiceParameter } from '../lib/query-state.ts';

export const LANGUAGES = [
	'node',
	'python',
	'java',
	'go',
	'dotnet',
	'php',
	'ruby',
	'rust',
	'collector',
	'kubernetes',
	'curl',
] as const;
export type Language = (typeof LANGUAGES)[number];

export const welcomeQuery = { lang: choiceParameter(LANGUAGES, 'node') };
