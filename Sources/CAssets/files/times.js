// Moments that stay true while a page is open, and say on hover when they were where the reader is.

const units = [[60, "second", 1], [3600, "minute", 60], [172_800, "hour", 3600], [5_184_000, "day", 86_400],
    [63_072_000, "month", 2_592_000], [Infinity, "year", 31_536_000]];

/** The words of `Quantity.age` on the server, for an age in seconds; what is to come has a negative one. */
export function words(age) {
    const seconds = Math.abs(age);
    if (seconds < 10) return "just now";
    const [, unit, length] = units.find(([limit]) => seconds < limit);
    const amount = Math.floor(seconds / length);
    const span = `${amount} ${unit}${amount === 1 ? "" : "s"}`;
    return age < 0 ? `in ${span}` : `${span} ago`;
}

const here = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
/** When each was seen first: `data-age` is as old as that. The reader's clock may go wrong, if only it goes. */
const seen = new WeakMap();

function refresh() {
    for (const time of document.querySelectorAll("time[datetime]")) {
        if (!seen.has(time)) {
            seen.set(time, Date.now());
            const moment = new Date(time.dateTime);
            if (!Number.isNaN(moment.getTime())) time.title += `\n${here.format(moment)}`;
        }
        if (time.dataset.age === undefined) continue;
        const text = words(Number(time.dataset.age) + Math.floor((Date.now() - seen.get(time)) / 1000));
        if (time.textContent !== text) time.textContent = text;
    }
}

refresh();
setInterval(refresh, 10_000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("martlet:drawn", refresh);
