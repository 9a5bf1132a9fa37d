/** Hands something to the browser as a file. */
export function saveFile(content: Blob, name: string): void {
	const url = URL.createObjectURL(content);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The download begins after this.
	setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
