import type { FormatOptionsWithLanguage, SqlLanguage } from 'sql-formatter';

const LANGUAGES: Readonly<Record<string, SqlLanguage>> = {
	postgresql: 'postgresql',
	mysql: 'mysql',
	mariadb: 'mariadb',
	sqlite: 'sqlite',
	'microsoft.sql_server': 'transactsql',
	'oracle.db': 'plsql',
};
const LAYOUT: Omit<FormatOptionsWithLanguage, 'language'> = { tabWidth: 2, keywordCase: 'preserve' };
/** Longer ones are read as they came. */
const MAX_LENGTH = 20_000;

/** The query laid out over lines; as it came where it is no SQL that the formatter knows. */
export async function formatSql(text: string, system: string): Promise<string> {
	if (text.length > MAX_LENGTH || !/^\W*(?:with|select|insert|update|delete|merge|create|alter|drop)\b/i.test(text))
		return text;
	const { format } = await import('sql-formatter');
	for (const language of [LANGUAGES[system] ?? 'sql', 'sql'] as const) {
		try {
			return format(text, { ...LAYOUT, language, ...placeholders(language) });
		} catch {
			// The next is more forgiving.
		}
	}
	return text;
}

/** A sanitised query has question marks for values, in every dialect. */
const placeholders = (language: SqlLanguage): Pick<FormatOptionsWithLanguage, 'paramTypes'> => ({
	paramTypes: { positional: true, numbered: language === 'postgresql' ? ['$'] : ['?', ':'], named: [':', '@'] },
});
