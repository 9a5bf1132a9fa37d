/** `bucketOf` of schema/histogram.ts in SQL. */
export const BUCKET = 'toInt32(if(duration_nano <= 1, -1, ceil(log2(greatest(duration_nano, 1)) * 32) - 1))';
