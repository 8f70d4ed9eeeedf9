// Views under names: kept, changed, carried elsewhere as documents.

import { ask, askInDialog, make, tell } from "./dom.js";

export function decorateViews(section, { show, address, parts }) {
    const menu = section.querySelector("#views ul");
    if (!menu) return;
    const path = `/api/v1${section.dataset.path}/views`;
    const again = () => show(address(section));
    const button = (words, label, click) => make("button", { type: "button", class: "plain", "aria-label": label, click }, words);

    function report(work) {
        return async () => {
            try {
                await work();
            } catch (error) {
                tell(error.message);
            }
        };
    }

    for (const item of menu.querySelectorAll("li[data-id]")) {
        const known = JSON.parse(item.dataset.document);
        const headers = { "If-Match": `"${item.dataset.version}"` };
        const name = known.name;
        item.append(
            button("Replace", `Replace ${name} by what is shown`, report(async () => {
                await ask(`/api/v1/views/${known.view_id}`, { method: "PUT", headers, body: { ...known, view: parts(section) } });
                await again();
                tell(`${name} is now what is shown.`);
            })),
            make("a", { href: URL.createObjectURL(new Blob([JSON.stringify(known, null, 2)], { type: "application/json" })),
                download: `${name.replace(/[^\w-]+/g, "-")}.json`, "aria-label": `Export ${name}` }, "Export"),
            button("Delete", `Delete ${name}`, report(async () => {
                await ask(`/api/v1/views/${known.view_id}`, { method: "DELETE", headers });
                await again();
                tell(`${name} is deleted.`, report(async () => {
                    await ask(path, { method: "POST", body: known });
                    await again();
                }));
            })));
    }

    const box = (name, words) => make("label", { class: "choice" }, make("input", { type: "checkbox", name }), words);
    const save = button("Save this view…", "Save this view", () => {
        const name = make("input", { type: "text", name: "name", required: true, maxlength: "120", autocomplete: "off" });
        askInDialog("Save this view", [make("label", {}, "Name", name), box("shared", "for everybody"),
            box("default", "open the experiment with it")], {
            accept: async (form) => {
                const data = new FormData(form);
                await ask(path, { method: "POST", body: { name: data.get("name"), shared: data.has("shared"),
                    default: data.has("default"), view: parts(section) } });
                await again();
            },
        });
    });
    const file = make("input", { type: "file", accept: "application/json", "aria-label": "A view to import", hidden: true, change: report(async () => {
        if (file.files.length === 0) return;
        let document;
        try {
            document = JSON.parse(await file.files[0].text());
        } catch {
            throw new Error("The file is no view: it is not JSON.");
        }
        await ask(path, { method: "POST", body: document });
        await again();
    }) });
    menu.append(make("li", { class: "actions" }, save, button("Import…", "Import a view", () => file.click()), file));
}
