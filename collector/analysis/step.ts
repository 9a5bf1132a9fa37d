const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Steps that divide an hour or a day, so that points of different charts fall on the same instants. */
const steps = [
	second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
	minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
	hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day,
]; // prettier-ignore

/** The shortest round step that cuts a window into at most `points` pieces. Milliseconds. */
export function stepFor(windowMs: number, points: number): number {
	return steps.find((step) => windowMs / step <= points) ?? Math.ceil(windowMs / points / day) * day;
}
