interface Wanted {
	host: string;
	port: number;
	/** The option that names another port. */
	portFlag: string;
}

/** Why a port could not be listened on, and what to do about it. */
export function explainListenError(error: NodeJS.ErrnoException, { host, port, portFlag }: Wanted): Error {
	if (error.code === 'EADDRINUSE')
		return new Error(`port ${port} on ${host} is taken; choose another with ${portFlag}, or 0 for any free one`);
	if (error.code === 'EACCES')
		return new Error(`port ${port} needs more rights than this user has; choose one above 1023 with ${portFlag}`);
	if (error.code === 'EADDRNOTAVAIL') return new Error(`${host} is not an address of this machine`);
	return error;
}
