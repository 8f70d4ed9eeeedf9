// Parts of a page whose address says how they are looked at, marked `data-view`: what their forms and links lead to is drawn in
// place, and the address goes along. Without scripts the same forms and links load the page.

import { fetchPage, tell } from "./dom.js";
import { draw } from "./morph.js";

const main = document.querySelector("main");
let latest = 0;
let turns = 0;
/** What is shown, as far as the server draws it. */
let shown = location.pathname + location.search;

/** Draws the page as the server has it at an address.
 * @param arrive  called when it is there, just before it is drawn.
 * @returns what became of it: the answer, whether the page is live, and what the server said instead; null when another view was
 *   asked for meanwhile. */
export async function load(address, arrive = () => {}) {
    const turn = ++latest;
    const { status, page: fresh } = await fetchPage(address);
    if (turn !== latest) return null;
    const place = fresh.querySelector("main");
    if (status < 400) {
        arrive();
        shown = location.pathname + location.search;
        if (place.dataset.live !== undefined) main.dataset.live = place.dataset.live;
        draw(main, place.innerHTML);
        document.title = fresh.title;
    }
    return { status, isLive: status < 400 && place.hasAttribute("data-live"), notices: fresh.querySelectorAll("main .notice") };
}

/** Shows another view of the page, without leaving it. While the server cannot be reached the page stays as it is. */
export function show(address, { push = false } = {}) {
    const target = new URL(address, location.href);
    const place = target.pathname + target.search;
    return turn(place, () => history[push ? "pushState" : "replaceState"](null, "", place));
}

async function turn(place, arrive) {
    const mine = ++turns;
    document.dispatchEvent(new CustomEvent("martlet:view"));
    main.setAttribute("aria-busy", "true");
    try {
        // Null where something else was drawn meanwhile.
        const loaded = await load(place, arrive);
        // What the server refuses is shown as it would be without scripts.
        if (loaded?.status >= 400 && loaded.status !== 401) location.replace(place);
        else if (loaded?.status === 401) stay();
    } catch (error) {
        tell(error.message);
        stay();
    } finally {
        if (mine === turns) main.removeAttribute("aria-busy");
    }
}

/** Nothing has come of a view that was asked for. */
const stay = () => document.dispatchEvent(new CustomEvent("martlet:stayed"));

/** What a form would ask for, without what is empty. */
export function address(form) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
    return `${form.getAttribute("action").split("#")[0]}?${query}`;
}

const within = (event) => event.target.closest?.("[data-view]");

document.addEventListener("submit", (event) => {
    if (!within(event) || event.target.method !== "get") return;
    event.preventDefault();
    show(address(event.target));
});

document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (within(event) && form?.method === "get" && form.reportValidity()) show(address(form));
});

document.addEventListener("click", (event) => {
    const link = within(event) && event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const target = new URL(link.href);
    if (target.origin !== location.origin || target.pathname !== location.pathname) return;
    event.preventDefault();
    show(target.href, { push: true });
});

addEventListener("popstate", () => {
    const place = location.pathname + location.search;
    // Within what is shown the browser finds its way itself.
    if (place !== shown) turn(place);
});
