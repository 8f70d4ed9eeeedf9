// What the modules of pages share: elements, questions to the server, dialogs and short messages.

import { seen } from "./session.js";

/** An element with attributes and children; a function among the attributes listens to that event. */
export function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (typeof value === "function") element.addEventListener(key, value);
        else if (value === true) element.setAttribute(key, "");
        else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
}

/** Asks the server; what it refuses is an error with its words, its status and, where there is one, the place. */
export async function ask(path, { method = "GET", body, headers = {}, signal } = {}) {
    let answer;
    try {
        answer = seen(await fetch(path, { method, signal,
            headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
            body: body === undefined ? undefined : JSON.stringify(body) }));
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("The server cannot be reached.");
    }
    const content = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (answer.ok) return content;
    throw Object.assign(new Error(content.message ?? `The server answered ${answer.status}.`), { status: answer.status });
}

/** A page of this server as it is now, whatever its status. */
export async function fetchPage(path, signal) {
    try {
        const answer = seen(await fetch(path, { signal, headers: { Accept: "text/html" } }));
        return { status: answer.status, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("The server cannot be reached.");
    }
}

/** Another page of this server, read; what the server says instead is an error with its words. */
export async function read(path, signal) {
    const { status, page } = await fetchPage(path, signal);
    if (status < 400) return page;
    if (status === 401) throw new Error("You are signed out.");
    throw new Error(page.querySelector(".notice")?.textContent ?? `The server answered ${status}.`);
}

/** A dialog that goes when it is closed. Its form, when it has one, is answered by `accept`, whose error it shows. */
export function askInDialog(title, fields, { accept, action = "Save", name = "" }) {
    const said = make("p", { role: "alert", class: "quiet" });
    const form = make("form", { method: "dialog" }, ...fields, said,
        make("div", { class: "actions" }, make("button", { type: "submit" }, action),
            make("button", { type: "button", click: () => dialog.close() }, "Cancel")));
    const dialog = make("dialog", { class: `ask ${name}`.trim(), "aria-label": title }, make("h2", {}, title), form);
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        try {
            await accept(form);
            dialog.close();
        } catch (error) {
            said.textContent = error.message;
        }
    });
    // The backdrop belongs to the dialog.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}

let shown;

/** A short message at the foot of the page, with a way back where there is one. */
export function tell(words, undo) {
    shown?.remove();
    const toast = make("div", { class: "toast", role: "status" }, words);
    if (undo) {
        toast.append(make("button", { type: "button", click: () => { toast.remove(); undo(); } }, "Undo"));
    }
    document.body.append(toast);
    shown = toast;
    setTimeout(() => toast.remove(), undo ? 15_000 : 6_000);
}

/** Whether keys are letters where the reader is. */
export function isWriting(target) {
    return target instanceof Element
        && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}
