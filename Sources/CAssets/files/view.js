// Parts of a page whose address says how they are looked at, marked `data-view`: what their forms and links lead to is drawn in
// place, and the address goes along. Without scripts the same forms and links load the page.

import { draw } from "./morph.js";
import { seen } from "./session.js";

const main = document.querySelector("main");
let latest = 0;

/** Draws the page as the server has it at an address.
 * @returns what became of it: the answer, whether the page is live, and what the server said instead; null when another view was
 *   asked for meanwhile. */
export async function load(address) {
    const turn = ++latest;
    const answer = seen(await fetch(address, { headers: { Accept: "text/html" } }));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest) return null;
    const place = fresh.querySelector("main");
    if (answer.ok) {
        if (place.dataset.live !== undefined) main.dataset.live = place.dataset.live;
        draw(main, place.innerHTML);
        document.title = fresh.title;
    }
    return { status: answer.status, isLive: answer.ok && place.hasAttribute("data-live"), notices: fresh.querySelectorAll("main .notice") };
}

/** Shows another view of the page, without leaving it. */
export async function show(address, { push = false } = {}) {
    const target = new URL(address, location.href);
    history[push ? "pushState" : "replaceState"](null, "", target.pathname + target.search);
    document.dispatchEvent(new CustomEvent("martlet:view"));
    main.setAttribute("aria-busy", "true");
    try {
        const loaded = await load(target.pathname + target.search);
        // What the server refuses is shown as it would be without scripts.
        if (loaded && loaded.status >= 400 && loaded.status !== 401) location.reload();
    } catch {
        location.reload();
    } finally {
        main.removeAttribute("aria-busy");
    }
}

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
    document.dispatchEvent(new CustomEvent("martlet:view"));
    load(location.href).catch(() => location.reload());
});
