import { ask, isWriting, make } from "./dom.js";

// Ctrl/⌘K finds whatever has a name, ? shows the keys. Without scripts the field of the header does the first, as a page.

const field = document.querySelector("form.find input");
const mac = /Mac|iP(hone|ad)/.test(navigator.platform);
const goTo = { o: ["/", "Operations"], e: ["/experiments", "Experiments"], m: ["/models", "Models"],
    d: ["/endpoints", "Endpoints"], n: ["/monitors", "Monitors"], i: ["/incidents", "Incidents"] };
const storage = "martlet.places";

// Places that were looked at last, in this browser alone.

function recent() {
    try {
        const places = JSON.parse(localStorage.getItem(storage)) ?? [];
        return places.filter((place) => typeof place.path === "string" && place.path.startsWith("/") && !place.path.startsWith("//"));
    } catch {
        return [];
    }
}

/** Remembers pages of things, which lie deeper than those of the navigation. */
function remember() {
    const path = location.pathname;
    const kind = { experiments: "experiment", runs: "run", models: "model", endpoints: "endpoint", monitors: "monitor",
        incidents: "incident" }[path.split("/")[1]];
    const name = document.title.replace(/ · Martlet$/, "");
    if (!kind || path.split("/").length !== 3) return;
    const others = recent().filter((place) => place.path !== path);
    try {
        localStorage.setItem(storage, JSON.stringify([{ kind, name, path }, ...others].slice(0, 8)));
    } catch { /* No room, or not allowed to keep anything. */ }
}

// The palette

let palette;

function openPalette() {
    palette ??= buildPalette();
    palette.open();
}

function buildPalette() {
    const list = make("ul", { id: "places", role: "listbox", "aria-label": "Places" });
    const said = make("p", { role: "status", class: "quiet" });
    const input = make("input", { type: "search", role: "combobox", "aria-label": "Find by name", "aria-controls": "places",
        "aria-autocomplete": "list", "aria-expanded": "true", autocomplete: "off", spellcheck: "false",
        placeholder: "The beginning of a name" });
    const dialog = make("dialog", { class: "palette", "aria-label": "Find" }, input, list, said);
    let current = 0;
    let request;

    function select(index) {
        const options = list.children;
        if (options.length === 0) return input.removeAttribute("aria-activedescendant");
        options[current]?.setAttribute("aria-selected", "false");
        current = (index + options.length) % options.length;
        options[current].setAttribute("aria-selected", "true");
        options[current].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", options[current].id);
    }

    function show(places, words) {
        list.replaceChildren(...places.map((place, index) => {
            const link = make("a", { href: place.path, tabindex: "-1" }, make("bdi", {}, place.name),
                make("small", {}, place.note ? `${place.kind} ${place.note}` : place.kind));
            return make("li", { id: `place-${index}`, role: "option", "aria-selected": "false" }, link);
        }));
        said.textContent = words;
        current = 0;
        select(0);
    }

    async function find() {
        request?.abort();
        const text = input.value.trim();
        if (!text) {
            const places = recent();
            return show(places, places.length ? "Looked at last" : "Experiments, runs, models, endpoints, monitors, incidents");
        }
        request = new AbortController();
        try {
            const { places } = await ask(`/api/v1/find?limit=12&q=${encodeURIComponent(text)}`, { signal: request.signal });
            show(places, places.length ? `${places.length} found` : "Nothing is called so.");
        } catch (error) {
            if (error.name === "AbortError") return;
            show([], error.status === undefined ? `${error.message} Type on to ask it again.` : error.message);
        }
    }

    input.addEventListener("input", find);
    dialog.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
            event.preventDefault();
            select(current + step);
        } else if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            list.children[current]?.querySelector("a").click();
        }
    });
    // The backdrop belongs to the dialog.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    return {
        open() {
            if (dialog.open) return;
            input.value = "";
            dialog.showModal();
            find();
        },
    };
}

// The keys

let keys;

function openKeys() {
    keys ??= buildKeys();
    if (!keys.open) keys.showModal();
}

function buildKeys() {
    const rows = [[[mac ? "⌘" : "Ctrl", "K"], "find whatever has a name"], [["/"], "filter, or find"],
        ...Object.entries(goTo).map(([key, [, title]]) => [["g", key], `go to ${title}`]),
        ...(document.getElementById("runs") ? [[["j"], "next run"], [["k"], "previous run"], [["x"], "choose the run"],
            [["c"], "compare those chosen"]] : []),
        [["?"], "these keys"], [["Esc"], "close"]];
    const list = make("dl", {}, ...rows.map(([chord, words]) =>
        make("div", {}, make("dt", {}, ...chord.map((key) => make("kbd", {}, key))), make("dd", {}, words))));
    const close = make("button", { type: "button", autofocus: "" }, "Close");
    const dialog = make("dialog", { class: "keys", "aria-labelledby": "keys-title" },
        make("h2", { id: "keys-title" }, "Keys"), list, close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    return dialog;
}

let isGoing = 0;

document.addEventListener("keydown", (event) => {
    if ((mac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (field) openPalette();
        return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const place = Date.now() < isGoing ? goTo[event.key] : undefined;
    isGoing = event.key === "g" ? Date.now() + 1500 : 0;
    if (place) {
        location.assign(place[0]);
    } else if (event.key === "?") {
        event.preventDefault();
        openKeys();
    } else if (event.key === "/") {
        const filter = document.querySelector("main form[role=search] input") ?? field;
        if (!filter) return;
        event.preventDefault();
        filter.focus();
        filter.select();
    }
});

if (field) {
    field.placeholder = `Find  ${mac ? "⌘" : "Ctrl "}K`;
    field.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        openPalette();
    });
}
remember();
