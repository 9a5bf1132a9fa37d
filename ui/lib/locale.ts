/**
 * The reader's locale, or `en-US` where the browser reports one that Intl refuses
 * (Chromium under LANG=C.UTF-8 says `en-US@posix`, and every Intl constructor throws on it).
 */
export function usableLocale(reported: string | undefined): string {
	try {
		return Intl.getCanonicalLocales(reported ?? 'en-US')[0] ?? 'en-US';
	} catch {
		return 'en-US';
	}
}
