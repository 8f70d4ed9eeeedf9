// Rows of a table of any length: those in sight are there, in blocks as the server answers them; of the others only the room.

import { make, read } from "./dom.js";

/** As many as the server draws of a view at first. */
const size = 50;

export class Rows {
    /** How many rows there are, as far as is known. */
    total;
    /** Called with each row that comes in. */
    decorate = () => {};
    #section;
    #query;
    #frame;
    #height;
    #blocks = new Map();
    #before = make("tbody", { "aria-hidden": "true" }, make("tr", {}, make("td")));
    #after = make("tbody", { "aria-hidden": "true" }, make("tr", {}, make("td")));
    #isOpen;
    #pending = 0;
    #stopped = new AbortController();

    constructor(section, query) {
        this.#section = section;
        this.#query = query;
        this.#frame = section.querySelector(".table");
        if (!this.#frame) return;
        const body = this.#frame.querySelector("table > tbody:last-of-type");
        const offset = Number(section.dataset.offset);
        const isLast = section.dataset.more === "";
        this.total = isLast ? Number(section.dataset.rows) : Math.max(Number(section.dataset.total), offset + size + 1);
        this.#isOpen = section.dataset.open !== "";
        this.#height = body.rows[0]?.getBoundingClientRect().height || 28;
        section.querySelector(".next")?.remove();
        this.#frame.querySelector("table").setAttribute("aria-rowcount", this.#isOpen ? -1 : this.total + 1);
        // A page that begins between two blocks is asked for again from its block on.
        if (offset % size === 0) this.#blocks.set(offset / size, { body, isLoaded: true });
        body.before(this.#before);
        body.after(this.#after);
        if (offset % size !== 0) body.remove();
        if (offset > 0) {
            this.#room(this.#before, offset);
            this.#room(this.#after, this.total - offset);
            this.#frame.scrollTop = offset * this.#height;
        }
        this.#frame.addEventListener("scroll", () => this.#soon(), { passive: true, signal: this.#stopped.signal });
        addEventListener("resize", () => this.#soon(), { signal: this.#stopped.signal });
        addEventListener("online", () => this.#soon(), { signal: this.#stopped.signal });
        this.#place();
    }

    /** Asks again for what could not be loaded. */
    refresh() {
        this.#soon();
    }

    stop() {
        this.#stopped.abort();
        cancelAnimationFrame(this.#pending);
    }

    #soon() {
        // A table without rows has no frame.
        if (!this.#frame) return;
        cancelAnimationFrame(this.#pending);
        this.#pending = requestAnimationFrame(() => this.#place());
    }

    /** Puts the blocks in sight, and one on either side, where they belong, and room in the place of all others. */
    #place() {
        const last = Math.max(0, Math.ceil(this.total / size) - 1);
        const top = this.#frame.scrollTop / this.#height / size;
        const shown = this.#frame.clientHeight / this.#height / size;
        const from = Math.min(last, Math.max(0, Math.floor(top - 0.5)));
        const to = Math.min(last, Math.floor(top + shown + 0.5));
        for (const [index, block] of this.#blocks) {
            if ((index < from || index > to) && block.body.isConnected) block.body.remove();
        }
        let previous = this.#before;
        for (let index = from; index <= to; index++) {
            const { body } = this.#block(index);
            if (previous.nextElementSibling !== body) previous.after(body);
            previous = body;
        }
        this.#room(this.#before, from * size);
        this.#room(this.#after, this.total - (to + 1) * size);
        this.#forget(from, to);
    }

    #room(body, count) {
        body.hidden = count <= 0;
        body.rows[0].style.height = `${Math.max(0, count) * this.#height}px`;
    }

    /** Blocks far away are asked for again when they come in sight. */
    #forget(from, to) {
        if (this.#blocks.size < 40) return;
        for (const index of this.#blocks.keys()) {
            if (index < from - 10 || index > to + 10) this.#blocks.delete(index);
        }
    }

    #block(index) {
        let block = this.#blocks.get(index);
        if (!block) {
            const count = Math.min(size, this.total - index * size);
            const room = make("tr", { class: "waiting" }, make("td", { colspan: 200 }));
            room.style.height = `${count * this.#height}px`;
            block = { body: make("tbody", {}, room), isLoaded: false };
            this.#blocks.set(index, block);
        }
        if (!block.isLoaded) block.loading ??= this.#load(index, block);
        return block;
    }

    async #load(index, block) {
        try {
            const query = new URLSearchParams(this.#query);
            query.set("offset", index * size);
            query.set("limit", size);
            const page = await read(`${this.#section.dataset.path}/rows?${query}`, this.#stopped.signal);
            const rows = [...page.querySelectorAll("tr")].map((row) => document.adoptNode(row));
            block.body.replaceChildren(...rows);
            for (const row of rows) this.decorate(row);
            block.isLoaded = true;
            this.#count(index, rows.length);
        } catch (error) {
            if (error.name === "AbortError") return;
            block.loading = undefined;
            const again = make("button", { type: "button", click: () => this.#place() }, "Try again");
            block.body.rows[0]?.cells[0].replaceChildren(make("p", {}, `${error.message} `, again));
        }
    }

    /** A block says more about how many rows there are than what was counted before. */
    #count(index, count) {
        const seen = index * size + count;
        if (count < size) this.total = seen;
        else if (this.#isOpen && seen >= this.total) this.total = seen + size;
        else return;
        this.#soon();
    }

    /** The place of the first row that is whole in sight. */
    get first() {
        return Math.ceil(this.#frame.scrollTop / this.#height);
    }

    /** Where a row is among all, from 0. */
    static index(row) {
        return Number(row.getAttribute("aria-rowindex")) - 2;
    }

    /** The row at a place, once it is there; it is brought in sight when `isShown`. */
    async row(index, isShown = true) {
        if (index < 0 || index >= this.total) return undefined;
        if (isShown) {
            const head = this.#frame.querySelector("thead").offsetHeight + (this.#frame.querySelector(".pinned")?.offsetHeight ?? 0);
            const [top, bottom] = [head + index * this.#height, head + (index + 1) * this.#height];
            const frame = this.#frame;
            if (top - head < frame.scrollTop) frame.scrollTop = top - head;
            else if (bottom > frame.scrollTop + frame.clientHeight) frame.scrollTop = bottom - frame.clientHeight + 2;
            this.#place();
        }
        const block = this.#block(Math.floor(index / size));
        await block.loading;
        return block.body.rows[index % size];
    }
}
