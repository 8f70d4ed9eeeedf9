// What pages gain with scripts on; without them they are whole already.

/** A button on each block of code that copies it. Browsers offer the clipboard to secure pages and to localhost only. */
if (navigator.clipboard) {
    for (const block of document.querySelectorAll("pre")) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "Copy";
        button.addEventListener("click", async () => {
            await navigator.clipboard.writeText(block.querySelector("code").textContent);
            button.textContent = "Copied";
            setTimeout(() => (button.textContent = "Copy"), 2000);
        });
        block.append(button);
    }
}
