/** Follows the pointer from the grip of a panel on the right or at the bottom and tells each new size. */
export function dragSize(
	event: PointerEvent,
	side: 'right' | 'bottom',
	sizeAtStart: number,
	onSize: (size: number) => void,
): void {
	const grip = event.currentTarget;
	if (!(grip instanceof HTMLElement) || event.button !== 0) return;
	event.preventDefault();
	grip.setPointerCapture(event.pointerId);
	const along = (at: PointerEvent): number => (side === 'right' ? at.clientX : at.clientY);
	const start = along(event);
	const onMove = (move: PointerEvent) => onSize(sizeAtStart + start - along(move));
	const onEnd = () => {
		grip.removeEventListener('pointermove', onMove);
		grip.removeEventListener('pointerup', onEnd);
		grip.removeEventListener('pointercancel', onEnd);
	};
	grip.addEventListener('pointermove', onMove);
	grip.addEventListener('pointerup', onEnd);
	grip.addEventListener('pointercancel', onEnd);
}
