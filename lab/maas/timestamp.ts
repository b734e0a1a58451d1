/** Times as MAAS prints them; there are several ways. */

const two = (n: number): string => String(n).padStart(2, "0");
const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Sat, 21 Nov. 2026 21:12:25`: events, and addresses of a subnet. */
export function shortTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const month = months[date.getUTCMonth()] ?? "";
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  const dot = month === "May" ? "" : ".";
  return `${days[date.getUTCDay()] ?? ""}, ${two(date.getUTCDate())} ${month}${dot} ${String(date.getUTCFullYear())} ${clock}`;
}

/** `2026-11-21T21:12:20.304`: fields of tables. */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace("Z", "");

/** `Sat, 21 Nov 2026 21:12:14 -0000`: script results. */
export const longTime = (milliseconds: number): string => new Date(milliseconds).toUTCString().replace("GMT", "-0000");
