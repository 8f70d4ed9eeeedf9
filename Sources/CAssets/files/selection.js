// Choosing rows by mouse and by keys, and what is done with those chosen.

import { ask, askInDialog, isWriting, make, tell } from "./dom.js";
import { Rows } from "./rows.js";

const most = 1000;

export class Selection {
    #chosen = new Map();
    #section;
    #rows;
    #current = -1;
    #anchor = -1;
    #bar;
    #show;

    constructor(show) {
        this.#show = show;
        document.addEventListener("keydown", (event) => this.#key(event));
    }

    /** Goes on with another view; what was chosen stays chosen. */
    attach(section, rows) {
        this.#section = section;
        this.#rows = rows;
        [this.#current, this.#anchor] = [-1, -1];
        this.#bar?.remove();
        this.#bar = undefined;
        if (!rows) return;
        rows.decorate = (row) => this.#decorate(row);
        for (const row of section.querySelectorAll("tbody > tr[data-run]")) this.#decorate(row);
        this.#draw();
    }

    #decorate(row) {
        const id = row.dataset.run;
        const link = row.querySelector("th a");
        const box = make("input", { type: "checkbox", "aria-label": `Select ${link.textContent}`, tabindex: "-1" });
        box.checked = this.#chosen.has(id);
        box.addEventListener("click", (event) => {
            if (event.shiftKey && this.#anchor >= 0) this.#range(Rows.index(row), box.checked);
            else this.#choose(row, box.checked);
        });
        row.cells[0].prepend(box);
        row.classList.toggle("chosen", box.checked);
        if (Rows.index(row) === this.#current && !row.closest(".pinned")) this.#mark(row);
    }

    #choose(row, isChosen) {
        const id = row.dataset.run;
        if (isChosen && this.#chosen.size >= most) {
            tell(`${most} runs at most are chosen at once.`);
            isChosen = false;
        }
        if (isChosen) this.#chosen.set(id, row.querySelector("th a").textContent);
        else this.#chosen.delete(id);
        if (!row.closest(".pinned")) this.#anchor = this.#current = Rows.index(row);
        this.#draw();
    }

    /** All rows from the one chosen last to this one, also those that are not there yet. */
    async #range(to, isChosen) {
        const [first, last] = [Math.min(this.#anchor, to), Math.max(this.#anchor, to)];
        const rows = this.#rows;
        for (let index = first; index <= Math.min(last, first + most - 1); index++) {
            const row = await rows.row(index, false);
            if (row?.dataset.run === undefined) continue;
            if (isChosen) this.#chosen.set(row.dataset.run, row.querySelector("th a").textContent);
            else this.#chosen.delete(row.dataset.run);
        }
        this.#anchor = this.#current = to;
        this.#draw();
    }

    // Keys

    #key(event) {
        if (!(this.#rows?.total > 0) || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
        if (document.querySelector("dialog[open]") || event.defaultPrevented) return;
        const isInTable = event.target === document.body || this.#section.contains(event.target);
        const step = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 }[event.key];
        const isArrow = event.key.startsWith("Arrow");
        if (step && isInTable && !(isArrow && event.target === document.body)) {
            event.preventDefault();
            this.#move(this.#current < 0 ? this.#rows.first : this.#current + step, event.shiftKey);
        } else if (event.key === "x" && this.#current >= 0) {
            this.#toggle();
        } else if (event.key === "c" && this.#chosen.size > 1) {
            location.assign(this.#comparison());
        } else if (event.key === "Escape" && this.#chosen.size > 0) {
            this.#clear();
        }
    }

    async #move(index, isExtending) {
        const place = Math.min(Math.max(0, index), this.#rows.total - 1);
        const from = this.#current;
        this.#current = place;
        const row = await this.#rows.row(place);
        if (!row || this.#current !== place) return;
        this.#mark(row);
        row.querySelector("th a")?.focus({ preventScroll: true });
        if (isExtending && from >= 0) {
            if (this.#anchor < 0) this.#anchor = from;
            this.#range(place, true);
        }
    }

    #mark(row) {
        this.#section.querySelector("tr.current")?.classList.remove("current");
        row.classList.add("current");
    }

    async #toggle() {
        const row = await this.#rows.row(this.#current);
        if (row) this.#choose(row, !this.#chosen.has(row.dataset.run));
    }

    #clear() {
        this.#chosen.clear();
        this.#draw();
    }

    // What is chosen

    #comparison() {
        return `/compare?runs=${[...this.#chosen.keys()].join(",")}`;
    }

    #draw() {
        for (const row of this.#section.querySelectorAll("tr[data-run]")) {
            const isChosen = this.#chosen.has(row.dataset.run);
            row.classList.toggle("chosen", isChosen);
            const box = row.querySelector("input[type=checkbox]");
            if (box) box.checked = isChosen;
        }
        this.#bar?.remove();
        this.#bar = undefined;
        const count = this.#chosen.size;
        if (count === 0) return;
        const act = (words, click) => make("button", { type: "button", click }, words);
        this.#bar = make("div", { class: "bulk", role: "toolbar", "aria-label": "Chosen runs" },
            make("b", { role: "status" }, `${count} chosen`),
            count > 1 ? make("a", { href: this.#comparison() }, "Compare") : null,
            act(this.#isPinned() ? "Unpin" : "Pin", () => this.#pin()),
            act("Tag…", () => this.#tag()), act("Delete", () => this.#delete()), act("Clear", () => this.#clear()));
        document.body.append(this.#bar);
    }

    #pins() {
        return (JSON.parse(this.#section.dataset.parts).pin ?? "").split(",").filter(Boolean);
    }

    #isPinned() {
        const pins = this.#pins();
        return [...this.#chosen.keys()].every((id) => pins.includes(id));
    }

    #pin() {
        const chosen = [...this.#chosen.keys()];
        const others = this.#pins().filter((id) => !chosen.includes(id));
        const pins = this.#isPinned() ? others : [...others, ...chosen];
        const query = new URLSearchParams({ ...JSON.parse(this.#section.dataset.parts), pin: pins.join(",") });
        if (pins.length === 0) query.delete("pin");
        if (query.size === 0) query.set("filter", "");
        this.#chosen.clear();
        this.#show(`${this.#section.dataset.path}?${query}`);
    }

    #again() {
        return this.#show(location.pathname + (location.search || "?filter="));
    }

    async #delete() {
        const run_ids = [...this.#chosen.keys()];
        try {
            await ask("/api/v1/runs/delete", { method: "POST", body: { run_ids } });
        } catch (error) {
            return tell(error.message);
        }
        this.#chosen.clear();
        await this.#again();
        tell(`${run_ids.length === 1 ? "1 run is" : `${run_ids.length} runs are`} in the trash.`, async () => {
            try {
                await ask("/api/v1/runs/restore", { method: "POST", body: { run_ids } });
                await this.#again();
            } catch (error) {
                tell(error.message);
            }
        });
    }

    #tag() {
        const field = (name, words) => make("label", {}, words,
            make("input", { type: "text", name, required: name === "key", autocomplete: "off" }));
        askInDialog(`Tag ${this.#chosen.size} run${this.#chosen.size === 1 ? "" : "s"}`, [field("key", "Key"), field("value", "Value")], {
            action: "Tag",
            accept: async (form) => {
                const { key, value } = Object.fromEntries(new FormData(form));
                await ask("/api/v1/runs/tag", { method: "POST", body: { run_ids: [...this.#chosen.keys()], tags: [{ key, value }] } });
                await this.#again();
                tell(`${this.#chosen.size} tagged ${key}=${value}.`);
            },
        });
    }
}
