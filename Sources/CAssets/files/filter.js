// The filter goes on by itself: names, comparisons and values that may come next, as the server's grammar says, and what is
// wrong under the character where it is.

import { ask, make } from "./dom.js";

export function buildFilter(form, place) {
    const input = form.elements.namedItem("filter");
    const list = make("ul", { id: "completions", role: "listbox", "aria-label": "What may come next", hidden: true });
    const said = make("div", { class: "hint", role: "status", hidden: true });
    const path = `/api/v1${form.getAttribute("action")}/complete`;
    const attributes = { role: "combobox", "aria-controls": "completions", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    form.classList.add("completing");
    input.after(list);
    form.after(said);
    let request;
    let wait;
    let from = 0;
    let current = -1;

    function close() {
        list.hidden = true;
        current = -1;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    }

    function select(index) {
        const options = list.children;
        options[current]?.setAttribute("aria-selected", "false");
        current = (index + options.length) % options.length;
        options[current].setAttribute("aria-selected", "true");
        options[current].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", options[current].id);
    }

    /** Puts a completion in the place of what was begun. Places are counted in characters as the server counts them. */
    function accept(text) {
        const letters = [...input.value];
        const caret = [...input.value.slice(0, input.selectionStart)].length;
        const before = letters.slice(0, from).join("") + text + (text.endsWith(".") ? "" : " ");
        input.value = before + letters.slice(caret).join("").trimStart();
        input.setSelectionRange(before.length, before.length);
        input.focus();
        question();
    }

    function offer(completions) {
        list.replaceChildren(...completions.map((text, index) => make("li", { id: `completion-${index}`, role: "option",
            "aria-selected": "false", mousedown: (event) => { event.preventDefault(); accept(text); } }, text)));
        current = -1;
        list.hidden = completions.length === 0;
        input.setAttribute("aria-expanded", String(!list.hidden));
        input.removeAttribute("aria-activedescendant");
    }

    /** What is wrong, under the character where it is. What is only not finished yet waits until nothing is offered any more. */
    function judge(problem) {
        said.hidden = !problem || !list.hidden;
        if (said.hidden) return;
        const line = input.value.replace(/\s/g, " ");
        said.replaceChildren(make("samp", { class: "caret" }, `${line}\n${" ".repeat(problem.position - 1)}^`),
            make("p", {}, problem.message));
    }

    async function question() {
        request?.abort();
        request = new AbortController();
        const at = [...input.value.slice(0, input.selectionStart)].length;
        try {
            const answer = await ask(`${path}?${new URLSearchParams({ filter: input.value, at })}`, { signal: request.signal });
            from = answer.from ?? 0;
            const begun = [...input.value].slice(from, at).join("");
            offer((answer.completions ?? []).filter((text) => text !== begun));
            clearTimeout(wait);
            wait = setTimeout(() => judge(answer.problem), list.hidden ? 400 : 2500);
        } catch (error) {
            if (error.name !== "AbortError") close();
        }
    }

    input.addEventListener("input", () => {
        said.hidden = true;
        place.querySelector("#problem")?.remove();
        question();
    });
    input.addEventListener("keydown", (event) => {
        if (event.key === "ArrowDown" && list.hidden) {
            event.preventDefault();
            return question();
        }
        if (list.hidden || event.isComposing) return;
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
            event.preventDefault();
            select(current < 0 && step < 0 ? -1 : current + step);
        } else if (event.key === "Tab" || event.key === "Enter") {
            if (current < 0) return event.key === "Enter" && close();
            event.preventDefault();
            accept(list.children[current].textContent);
        } else if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            close();
        }
    });
    input.addEventListener("blur", close);
    form.addEventListener("submit", () => {
        request?.abort();
        clearTimeout(wait);
        close();
        said.hidden = true;
    });
}
