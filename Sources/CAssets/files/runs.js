// The table of an experiment's runs. The server draws every view, also for scripts: what is here takes a view's address, puts
// what the server answers in the place of what is shown, and keeps the address of the page that of the view.

import { ask, make, read, tell } from "./dom.js";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";
import { buildFilter } from "./filter.js";
import { decorateColumns } from "./columns.js";
import { decorateViews } from "./saved.js";

const place = document.getElementById("view");
const form = document.querySelector("main form[role=search]");
const selection = new Selection(show);
let request;
let rows;

/** The view that is shown, as its parts: filter, order_by, columns, group_by, pin, differing. */
function parts(section) {
    return JSON.parse(section.dataset.parts);
}

/** The address of a view with some parts changed; those that are null are left out. */
export function address(section, changes = {}) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...parts(section), ...changes })) {
        if (value !== null && value !== undefined && value !== "") query.set(name, value);
    }
    // With no view at all the experiment would open with its own.
    if (query.size === 0) query.set("filter", "");
    return `${section.dataset.path}?${query}`;
}

/** Shows another view in the place of this one. */
export async function show(path) {
    request?.abort();
    request = new AbortController();
    place.setAttribute("aria-busy", "true");
    try {
        const page = await read(path, request.signal);
        const next = page.getElementById("view");
        const problem = next.querySelector("#problem");
        place.querySelector("#problem")?.remove();
        if (problem) {
            // What was shown before stays beside what is wrong.
            place.prepend(document.adoptNode(problem));
        } else {
            const side = place.querySelector(".table")?.scrollLeft ?? 0;
            place.replaceChildren(...[...next.childNodes].map((node) => document.adoptNode(node)));
            follow(page);
            history.replaceState(null, "", path);
            start();
            const frame = place.querySelector(".table");
            if (frame) frame.scrollLeft = side;
        }
    } catch (error) {
        if (error.name !== "AbortError") tell(error.message);
    } finally {
        place.removeAttribute("aria-busy");
    }
}

/** The rest of the view goes along with the filter, as on the page that the server drew. */
function follow(page) {
    const next = page.querySelector("main form[role=search]");
    for (const field of form.querySelectorAll("input[type=hidden]")) field.remove();
    form.append(...[...next.querySelectorAll("input[type=hidden]")].map((field) => document.adoptNode(field)));
    const filter = form.elements.namedItem("filter");
    if (document.activeElement !== filter) filter.value = next.elements.namedItem("filter").value;
}

function start() {
    rows?.stop();
    rows = undefined;
    const section = document.getElementById("runs");
    if (!section) return selection.attach(undefined, undefined);
    decorateViews(section, { show, address, parts });
    decorateColumns(section, { show, address, parts });
    if (section.classList.contains("groups")) {
        fold(section);
        return selection.attach(undefined, undefined);
    }
    rows = new Rows(section, query(section));
    selection.attach(section, rows);
    watch(section);
}

/** What the server is asked for more rows of the view with. */
function query(section) {
    const { filter = "", order_by = "" } = parts(section);
    return new URLSearchParams({ filter, order_by, columns: section.dataset.columns });
}

// Links within the page are views in place.

document.getElementById("main").addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const section = document.getElementById("runs");
    if (!link || !section || event.ctrlKey || event.metaKey || event.altKey || event.button !== 0) return;
    if (link.hasAttribute("download") || link.pathname !== section.dataset.path || !link.search) return;
    const isHeading = link.dataset.added !== undefined;
    if (event.shiftKey && !isHeading) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    const column = link.closest("th")?.dataset.column;
    show(event.shiftKey ? link.dataset.added : link.getAttribute("href")).then(() => {
        // The heading that was pressed is pressed again.
        if (isHeading) place.querySelector(`th[data-column="${CSS.escape(column)}"] a`)?.focus();
    });
});

form?.addEventListener("submit", (event) => {
    if (!document.getElementById("runs") && !document.getElementById("problem")) return;
    event.preventDefault();
    const data = new URLSearchParams(new FormData(form));
    show(`${form.getAttribute("action")}?${data}`);
});

/** A group opens to its runs below it. */
function fold(section) {
    for (const link of section.querySelectorAll("tbody th a")) {
        const row = link.closest("tr");
        const button = make("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-label": "Show its runs" });
        button.addEventListener("click", async () => {
            const isOpen = button.getAttribute("aria-expanded") === "true";
            button.setAttribute("aria-expanded", String(!isOpen));
            if (isOpen) return row.nextElementSibling.remove();
            const cell = make("td", { colspan: row.cells.length }, "…");
            row.after(make("tr", { class: "folded" }, cell));
            try {
                const url = new URL(link.href);
                url.searchParams.set("columns", section.dataset.columns);
                const table = (await read(url.pathname + url.search)).querySelector("#runs .table");
                const inside = table?.closest("section").dataset;
                const more = Number(inside?.total) > Number(inside?.rows);
                cell.replaceChildren(table ? make("div", { class: "runs" }, document.adoptNode(table)) : "No runs.",
                    ...(more ? [make("p", {}, make("a", { href: url.pathname + url.search }, "All of them"))] : []));
            } catch (error) {
                cell.textContent = error.message;
            }
        });
        link.before(button);
    }
}

// Runs that begin while the page is open are told of, not pushed in.

let timer;

function watch(section) {
    clearInterval(timer);
    const line = make("button", { type: "button", class: "new", hidden: true, click: () => show(address(section)) });
    const lost = make("span", { class: "badge warning", role: "status", hidden: true }, "connection lost, trying again");
    section.querySelector("#count").after(line, lost);
    const { filter = "" } = parts(section);
    const question = `/api/v1${section.dataset.path}/runs/new?${new URLSearchParams({ filter, since: section.dataset.since })}`;
    timer = setInterval(async () => {
        if (document.hidden || !section.isConnected) return;
        try {
            const { new: count, is_more: isMore } = await ask(question);
            if (!lost.hidden) rows?.refresh();
            lost.hidden = true;
            line.hidden = count === 0;
            line.textContent = `${isMore ? "over " : ""}${count} new run${count === 1 ? "" : "s"}`;
        } catch (error) {
            lost.hidden = error.status !== undefined;
        }
    }, 5000);
}

if (form && place) {
    buildFilter(form, place);
    start();
    // An experiment may open with a view of its own, which is not in the address yet.
    const section = document.getElementById("runs");
    if (section && !location.search && Object.keys(parts(section)).length > 0) history.replaceState(null, "", address(section));
}
