/** Where a repository is, and how it is reached. */
export interface RepositoryAddress {
	url: string;
	protocol: 'https' | 'http' | 'ssh' | 'file';
	host: string;
	port: number | undefined;
}

/**
 * Reads `https://…`, `http://…`, `ssh://…`, `file:///…` or `git@host:path`. Throws Error with what is expected. Anything else
 * git would take is refused: a path could be an option, and `ext::` a command.
 */
export function repositoryAddress(text: string): RepositoryAddress {
	const short = /^[\w.-]+@([\w.-]+):(?!:)[\w./~-]+$/.exec(text);
	if (short !== null && !text.startsWith('-'))
		return { url: text, protocol: 'ssh', host: short[1] ?? '', port: undefined };
	const url = /^(https?|ssh|file):\/\/[^\s\0]+$/.test(text) ? URL.parse(text) : null;
	if (url === null) throw new Error('https://…, ssh://…, git@host:path or file:///…');
	const protocol = url.protocol.slice(0, -1) as RepositoryAddress['protocol'];
	if (url.password !== '' || (url.username !== '' && protocol !== 'ssh'))
		throw new Error('an address without credentials: give them by reference');
	if (url.username.startsWith('-') || url.hostname.startsWith('-')) throw new Error('a host that is no option');
	return { url: text, protocol, host: url.hostname, port: url.port === '' ? undefined : Number(url.port) };
}

/** `URL#branch:path`, where branch and path may be left out. Throws Error with what is expected. */
export function repositorySetting(text: string): { repository: string; branch: string; path: string } | undefined {
	if (text === '') return undefined;
	const hash = text.lastIndexOf('#');
	const repository = hash === -1 ? text : text.slice(0, hash);
	const [branch = '', path = ''] = hash === -1 ? [] : splitOnce(text.slice(hash + 1));
	repositoryAddress(repository);
	const place = { repository, branch: branch || 'main', path: path || '.' };
	checkPlace(place);
	return place;
}

function splitOnce(text: string): [string, string] {
	const colon = text.indexOf(':');
	return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Throws Error with what is expected. Source of the rules for branches: git check-ref-format. */
export function checkPlace({ branch, path }: { branch: string; path: string }): void {
	if (!/^(?![-/.])(?!.*(\.\.|\/\/|@\{|\.lock$|[/.]$))[\w./+@-]{1,255}$/.test(branch))
		throw new Error('the name of a branch');
	const parts = path.split('/');
	if (path.startsWith('/') || parts.includes('..') || /[\0\n]/.test(path))
		throw new Error('a path within the repository, without ..');
}
