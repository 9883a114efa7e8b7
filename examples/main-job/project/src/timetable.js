import { parseTime } from "./clock.js";

export const timetable = [
  { from: "Old Harbour", departures: ["06:30", "07:15", "08:00", "12:00", "17:30", "21:45"] },
  { from: "North Quay", departures: ["06:50", "07:40", "12:20", "18:00", "22:10"] },
];

/**
 * The next ferry from a pier at a time of day, and how many minutes it is until then.
 * After the last one of the day that is the first one of tomorrow.
 */
export function nextDeparture(pier, now) {
  const line = timetable.find((entry) => entry.from === pier);
  if (line === undefined) throw new RangeError(`No such pier: ${pier}`);
  const minutes = parseTime(now);
  const today = line.departures.find((departure) => parseTime(departure) >= minutes);
  const departure = today ?? line.departures[0];
  const waitMinutes = parseTime(departure) - minutes;
  return { departure, waitMinutes, tomorrow: today === undefined };
}
