// What pages gain with scripts on; without them they are whole already.

/** MLflow's client prints links into its own pages (`/#/experiments/1/runs/ab…`, `/#/models/churn/versions/3`); they lead
 * to ours. */
const printed = location.hash.match(/^#\/(?:experiments\/[^/?]+\/(runs\/[^/?]+)|(experiments\/[^/?]+)|(models\/[^/?]+))/);
if (location.pathname === "/" && printed) location.replace("/" + (printed[1] ?? printed[2] ?? printed[3]));

/** A button on each block of code that copies it. Browsers offer the clipboard to secure pages and to localhost only. */
function addButtons() {
    for (const block of document.querySelectorAll("pre:not(:has(> button))")) {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.own = "";
        button.textContent = "Copy";
        button.addEventListener("click", async () => {
            const code = block.querySelector("code").cloneNode(true);
            // What a difference shows as gone is not in what is copied.
            for (const gone of code.querySelectorAll("del")) gone.remove();
            await navigator.clipboard.writeText(code.textContent);
            button.textContent = "Copied";
            setTimeout(() => (button.textContent = "Copy"), 2000);
        });
        block.append(button);
    }
}

if (navigator.clipboard) {
    addButtons();
    document.addEventListener("martlet:drawn", addButtons);
}
