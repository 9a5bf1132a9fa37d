/** Why traces could not be taken over, in words for whoever asked. */
export class TransferError extends Error {
	override readonly name = 'TransferError';
}

/** The words of a problem+json answer, or of its status. */
export async function problemOf(response: Response): Promise<string> {
	const text = await response.text();
	try {
		const { detail, message } = JSON.parse(text) as { detail?: string; message?: string };
		return `${response.status}: ${detail ?? message ?? response.statusText}`;
	} catch {
		return `${response.status} ${response.statusText}`.trim();
	}
}
