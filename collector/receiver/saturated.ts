/** A count as it is kept, in 32 bits: senders may say that they dropped 4,294,967,295, and more is lost here. */
export const saturated = (count: number): number => Math.min(count, 0xffff_ffff);
