import type { AppParts } from '../../lib/app.ts';
import { copyText } from '../../lib/clipboard.ts';
import { queryTitle } from './queries-rows.ts';

/** Copies the text of a query and says whether that worked; false where there is none. */
export function copyQuery({ toasts }: AppParts, query: Parameters<typeof queryTitle>[0] | undefined): boolean {
	if (query === undefined) return false;
	void copyText(queryTitle(query)).then((isCopied) =>
		toasts.add(isCopied ? 'Query copied' : 'The browser did not allow copying'),
	);
	return true;
}
