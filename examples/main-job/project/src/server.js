import { createServer } from "node:http";
import { formatTime } from "./clock.js";
import { nextDeparture, timetable } from "./timetable.js";

function board(now) {
  return timetable.map(({ from }) => ({ from, ...nextDeparture(from, now) }));
}

function page(now) {
  const rows = board(now).map(
    ({ from, departure, waitMinutes, tomorrow }) =>
      `<tr><td>${from}</td><td>${departure}${tomorrow ? " (tomorrow)" : ""}</td><td>${waitMinutes} min</td></tr>`,
  );
  return `<!doctype html><title>Ferries at ${now}</title><h1>Ferries at ${now}</h1><table>${rows.join("")}</table>`;
}

export const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  const clock = new Date();
  const now = url.searchParams.get("at") ?? formatTime(clock.getHours() * 60 + clock.getMinutes());
  try {
    const json = url.pathname === "/board.json";
    const body = json ? JSON.stringify(board(now)) : page(now);
    response.setHeader("content-type", json ? "application/json" : "text/html; charset=utf-8");
    response.end(body);
  } catch (error) {
    response.statusCode = 400;
    response.end(`${error.message}\n`);
  }
});

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const port = Number(process.env.PORT ?? 8080);
  server.listen(port, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
}
