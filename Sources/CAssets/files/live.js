// Keeps a page up to date while somebody looks at it: the server sends what is new as it changes. Says so when it cannot.

import { draw } from "./morph.js";
import { load } from "./view.js";
import { isSignedIn } from "./session.js";

const main = document.querySelector("main[data-live]");
let stream = null;
let lostAt = null;
/** Whether the server has said that there is nothing more to say. */
let isOver = false;
/** Whether another view was asked for that is not drawn yet. */
let isTurning = false;

function open() {
    if (stream || isOver || isTurning || document.hidden) return;
    const query = new URLSearchParams(location.search);
    // What is here need not be sent again.
    query.set("live", main.dataset.live);
    stream = new EventSource(`${location.pathname}?${query}`);
    stream.addEventListener("open", found);
    stream.addEventListener("page", (event) => {
        found();
        main.dataset.live = event.lastEventId;
        draw(main, event.data);
    });
    stream.addEventListener("gone", async (event) => {
        isOver = true;
        close();
        // Nothing is gone but the right to see it.
        if (!(await isSignedIn().catch(() => true))) return;
        const notice = document.createElement("template");
        notice.innerHTML = event.data;
        say(notice.content);
    });
    stream.addEventListener("error", lost);
}

function close() {
    stream?.close();
    stream = null;
}

/** The browser tries again by itself, unless the server refused; then the page is asked for, which says why. */
async function lost() {
    lostAt ??= new Date();
    if (stream?.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, 5000);
        if (await ask().catch(() => false)) return;
    }
    if (lostAt === null || isOver) return;
    const words = document.createElement("p");
    words.textContent = `The connection to the server is lost. What you see is from ${lostAt.toLocaleTimeString()}; it goes on by itself.`;
    say(words);
}

/** Draws the page as it is now, or says what the server says instead.
 * @returns whether the server answered. */
async function ask() {
    const loaded = await load(location.href);
    if (loaded === null) return true;
    if (loaded.status < 400) {
        found();
        isOver = !loaded.isLive;
    } else if (loaded.status === 401) {
        found();
        isOver = true;
    } else if (loaded.status < 500) {
        isOver = true;
        say(...loaded.notices);
    }
    return loaded.status < 500;
}

function found() {
    lostAt = null;
    document.getElementById("live-trouble")?.remove();
}

/** A notice above the page, which is read out. */
function say(...content) {
    let notice = document.getElementById("live-trouble");
    if (!notice) {
        notice = document.createElement("div");
        notice.id = "live-trouble";
        notice.setAttribute("role", "status");
        main.before(notice);
    }
    notice.replaceChildren(...content);
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
document.addEventListener("martlet:signed-in", () => { isOver = false; open(); });
// Another view has a stream of its own.
document.addEventListener("martlet:view", () => { close(); [isOver, isTurning] = [false, true]; });
for (const event of ["martlet:drawn", "martlet:stayed"]) document.addEventListener(event, () => {
    if (!isTurning) return;
    isTurning = false;
    open();
});
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();
