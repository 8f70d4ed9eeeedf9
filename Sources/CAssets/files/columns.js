// Which columns are shown, and in which order: a dialog that finds keys by their words, and headings that are dragged. The same
// dialog says by what runs are put together.

import { ask, askInDialog, make } from "./dom.js";

/** The columns of a list in the words of the grammar. Commas within quotes belong to a key. */
export function split(list) {
    return list.match(/(?:[^,`"']|`[^`]*`|"[^"]*"|'[^']*')+/g)?.map((text) => text.trim()).filter(Boolean) ?? [];
}

export function decorateColumns(section, { show, address, parts }) {
    const actions = section.querySelector(".actions");
    const anchor = actions.querySelector("#count");
    const open = (words, click) => make("button", { type: "button", class: "plain", click }, words);
    const isGrouped = Boolean(parts(section).group_by);
    const choose = (columns) => show(address(section, { columns: columns.join(", "), differing: null }));
    const group = (columns) => show(address(section, { group_by: columns.join(", ") || null }));
    anchor.after(
        open("Columns…", () => pick(section, { title: "Columns", chosen: split(section.dataset.columns),
            kinds: isGrouped ? ["metric"] : ["attribute", "metric", "param", "tag"], most: isGrouped ? 8 : 100, done: choose })),
        open(isGrouped ? "Grouped…" : "Group…", () => pick(section, { title: "Group by", chosen: split(parts(section).group_by ?? ""),
            kinds: ["param", "tag", "attribute"], most: 3, done: group, fits: (column) =>
                column.kind !== "attribute" || ["status", "user_id", "run_name"].includes(column.key) })));
    if (isGrouped) anchor.after(open("Ungroup", () => group([])));
    drag(section, choose);
}

/** Headings are put elsewhere by dragging them. */
function drag(section, choose) {
    let moved;
    for (const heading of section.querySelectorAll("thead th[data-column]:not(:first-child)")) {
        heading.draggable = true;
        heading.addEventListener("dragstart", (event) => {
            moved = heading;
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", heading.dataset.column);
        });
        heading.addEventListener("dragover", (event) => {
            if (!moved || moved === heading) return;
            event.preventDefault();
            heading.classList.add("target");
        });
        heading.addEventListener("dragleave", () => heading.classList.remove("target"));
        heading.addEventListener("dragend", () => (moved = undefined));
        heading.addEventListener("drop", (event) => {
            event.preventDefault();
            heading.classList.remove("target");
            if (!moved) return;
            const columns = split(section.dataset.columns);
            const [from, to] = [moved, heading].map((each) => columns.indexOf(each.dataset.column));
            if (from < 0 || to < 0) return;
            columns.splice(to, 0, ...columns.splice(from, 1));
            choose(columns);
        });
    }
}

function pick(section, { title, chosen, kinds, most, done, fits = () => true }) {
    const columns = [...chosen];
    const search = make("input", { type: "search", "aria-label": "Words of a key", placeholder: "Words of a key", autocomplete: "off" });
    const kind = make("select", { "aria-label": "Kind" }, ...(kinds.length > 1 ? [make("option", { value: "" }, "all kinds")] : []),
        ...kinds.map((name) => make("option", { value: name }, `${name}s`)));
    const found = make("ul", { "aria-label": "Found" });
    const order = make("ol", { "aria-label": "Shown, in this order" });
    const count = make("p", { class: "quiet", role: "status" });
    let request;

    /** Draws the order anew; the place with the focus has it again, or its button with this sign. */
    function draw(focused, sign) {
        order.replaceChildren(...columns.map((text, index) => {
            const button = (sign, words, change, isOff) => make("button", { type: "button", class: "plain",
                "aria-label": `${words} ${text}`, disabled: isOff, click: () => { draw(change(), sign); refresh(); } }, sign);
            const move = (step) => {
                columns.splice(index + step, 0, ...columns.splice(index, 1));
                return index + step;
            };
            const leaveOut = () => {
                columns.splice(index, 1);
                return Math.min(index, columns.length - 1);
            };
            const item = make("li", { tabindex: "0", draggable: "true" }, make("span", {}, text),
                button("↑", "Earlier:", () => move(-1), index === 0), button("↓", "Later:", () => move(1), index === columns.length - 1),
                button("×", "Leave out", leaveOut, false));
            item.addEventListener("keydown", (event) => {
                const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
                if (!step || columns[index + step] === undefined) return;
                event.preventDefault();
                draw(move(step));
            });
            item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", String(index)));
            item.addEventListener("dragover", (event) => event.preventDefault());
            item.addEventListener("drop", (event) => {
                event.preventDefault();
                const from = Number(event.dataTransfer.getData("text/plain"));
                columns.splice(index, 0, ...columns.splice(from, 1));
                draw(index);
            });
            return item;
        }));
        count.textContent = columns.length === 0 ? "Nothing chosen." : `${columns.length} of at most ${most}`;
        const item = order.children[focused];
        const again = [...item?.querySelectorAll("button:enabled") ?? []].find((each) => each.textContent === sign);
        (again ?? item)?.focus();
    }

    /** The boxes say what is chosen. */
    function refresh() {
        for (const box of found.querySelectorAll("input")) {
            box.checked = columns.includes(box.value);
            box.disabled = !box.checked && columns.length >= most;
        }
    }

    function row(column) {
        const box = make("input", { type: "checkbox", value: column.column });
        box.addEventListener("change", () => {
            if (box.checked) columns.push(box.value);
            else columns.splice(columns.indexOf(box.value), 1);
            draw();
            refresh();
        });
        const modes = column.modes && make("select", { "aria-label": `Which value of ${column.key}` },
            ...column.modes.map((mode) => make("option", { value: mode }, mode)));
        modes?.addEventListener("change", () => {
            const next = modes.value === "last" ? column.column : `${modes.value}(${column.column})`;
            const place = columns.indexOf(box.value);
            box.value = next;
            if (place >= 0 && !columns.includes(next)) columns.splice(place, 1, next);
            draw();
            refresh();
        });
        return make("li", {}, make("label", {}, box, make("bdi", {}, column.key), make("small", { class: "quiet" }, column.kind)), modes);
    }

    async function find(token) {
        request?.abort();
        request = new AbortController();
        const query = new URLSearchParams({ q: search.value, limit: 60, kind: kind.value });
        if (token) query.set("page_token", token);
        try {
            const answer = await ask(`/api/v1${section.dataset.path}/columns?${query}`, { signal: request.signal });
            const items = answer.columns.filter((column) => kinds.includes(column.kind) && fits(column)).map(row);
            found.querySelector("button")?.parentElement.remove();
            if (token) found.append(...items);
            else found.replaceChildren(...items);
            const next = answer.next_page_token;
            if (next) found.append(make("li", {}, make("button", { type: "button", click: () => find(next) }, "More")));
            if (found.children.length === 0) found.append(make("li", { class: "quiet" }, "No key has these words."));
            refresh();
        } catch (error) {
            if (error.name !== "AbortError") found.replaceChildren(make("li", {}, error.message));
        }
    }

    search.addEventListener("input", () => find());
    // The first Enter is for the search, not for the dialog.
    search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    kind.addEventListener("change", () => find());
    draw();
    find();
    askInDialog(title, [make("div", { class: "actions" }, search, kind),
        make("div", { class: "columns" }, make("div", {}, found), make("div", {}, order, count))], {
        action: "Show", name: "picker", accept: () => { done(columns); },
    });
}
