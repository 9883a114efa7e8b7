export const minutesPerDay = 24 * 60;

/** "06:30" to minutes since midnight. */
export function parseTime(text) {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null) throw new RangeError(`Not a time of day: ${text}`);
  return Number(match[1]) * 60 + Number(match[2]);
}

/** Minutes since midnight to "06:30". */
export function formatTime(minutes) {
  const hours = String(Math.floor(minutes / 60)).padStart(2, "0");
  return `${hours}:${String(minutes % 60).padStart(2, "0")}`;
}
