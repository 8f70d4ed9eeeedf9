// Makes a part of the page what the server has drawn anew, and leaves alone what the reader does with it: the focus, what is
// written in fields, what is opened, how far it is scrolled.

/** What scripts add to a page is theirs: marked so, it stays, and nothing is changed within it. */
const isOwn = (node) => node.nodeType === Node.ELEMENT_NODE && node.hasAttribute("data-own");

/** What says that two elements are drawings of one thing. */
const key = (node) => node.id || node.dataset?.key || (node.nodeName === "FORM" ? node.getAttribute("action") : node.getAttribute("name")) || "";

/** What a node is taken for: two that are taken for the same are one thing, drawn twice. */
function kind(node) {
    if (node.nodeType === Node.ELEMENT_NODE) return `${node.nodeName} ${key(node)}`;
    return node.nodeType === Node.TEXT_NODE && node.nodeValue.trim() === "" ? " " : `#${node.nodeType}`;
}

/** Gives `place` the content of `markup`, and tells the other scripts, who upgrade what is new. */
export function draw(place, markup) {
    const template = document.createElement("template");
    template.innerHTML = markup;
    merge(place, template.content);
    document.dispatchEvent(new CustomEvent("martlet:drawn"));
}

function merge(old, fresh) {
    const before = [...old.childNodes].filter((node) => !isOwn(node));
    const after = [...fresh.childNodes];
    const partners = pair(before.map(kind), after.map(kind));
    const kept = new Set(partners.values());
    for (const [place, node] of before.entries()) if (!kept.has(place)) node.remove();
    // What is new goes before the next that stays; scripts' own things stay at the end of what they follow.
    let next = null;
    for (let place = after.length - 1; place >= 0; place--) {
        if (partners.has(place)) next = update(before[partners.get(place)], after[place]);
        else next = old.insertBefore(after[place], next ?? firstOwnAtEnd(old));
    }
}

/** Where things that scripts have added at the end begin. */
function firstOwnAtEnd(old) {
    let first = null;
    for (let node = old.lastChild; node && isOwn(node); node = node.previousSibling) first = node;
    return first;
}

/** Which of `after` is which of `before`: what both have at their beginning and at their end, and between these the longest
 * sequence that is in both.
 * @returns places in `before` by places in `after`. */
function pair(before, after) {
    const partners = new Map();
    let start = 0;
    while (start < before.length && start < after.length && before[start] === after[start]) partners.set(start, start++);
    let [endBefore, endAfter] = [before.length, after.length];
    while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) partners.set(--endAfter, --endBefore);
    const [rows, columns] = [endBefore - start, endAfter - start];
    if (rows === 0 || columns === 0 || rows * columns > 4_000_000) return partners;
    const lengths = new Uint16Array((rows + 1) * (columns + 1));
    for (let row = rows - 1; row >= 0; row--) {
        for (let column = columns - 1; column >= 0; column--) {
            const at = row * (columns + 1) + column;
            lengths[at] = before[start + row] === after[start + column]
                ? lengths[at + columns + 2] + 1 : Math.max(lengths[at + columns + 1], lengths[at + 1]);
        }
    }
    for (let row = 0, column = 0; row < rows && column < columns;) {
        const at = row * (columns + 1) + column;
        if (before[start + row] === after[start + column]) partners.set(start + column++, start + row++);
        else if (lengths[at + columns + 1] >= lengths[at + 1]) row++;
        else column++;
    }
    return partners;
}

/** Makes an element like its new drawing.
 * @returns what stands in its place now. */
function update(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
        if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
        return old;
    }
    if (old.isEqualNode(fresh)) return old;
    // `times.js` writes into it; it knows a new one by its being new.
    if (old.nodeName === "TIME") {
        const isSame = old.dateTime === fresh.dateTime && (old.dataset.age === undefined) === (fresh.dataset.age === undefined);
        return isSame ? old : replaced(old, fresh);
    }
    if (isField(old)) {
        if (old === document.activeElement) return noted(old, fresh);
        return isChanged(old) && drawnValue(old) === drawnValue(fresh) ? old : replaced(old, fresh);
    }
    attributes(old, fresh);
    merge(old, fresh);
    return old;
}

function replaced(old, fresh) {
    old.replaceWith(fresh);
    return fresh;
}

function attributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
        if (!fresh.hasAttribute(name) && !kept(old, name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
        if (!kept(old, name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
}

/** The reader opens and closes. */
const kept = (element, name) => name === "open" && (element.nodeName === "DETAILS" || element.nodeName === "DIALOG");

const isField = (element) => ["INPUT", "TEXTAREA", "SELECT"].includes(element.nodeName);

/** What the server has drawn in a field. A field that the reader has changed stays as long as that is the same. */
const drawnValue = (field) => field.nodeName === "SELECT"
    ? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value
    : `${field.defaultValue} ${field.defaultChecked ?? ""}`;

const isChanged = (field) => field.nodeName === "SELECT" ? field.value !== drawnValue(field)
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked;

/** A field that the reader is in stays as it is, and knows what the server has drawn in its place. */
function noted(field, fresh) {
    const { value, checked } = field;
    if (field.nodeName === "SELECT") {
        for (const option of field.options) {
            option.defaultSelected = [...fresh.options].some((other) => other.value === option.value && other.defaultSelected);
        }
    } else {
        field.defaultValue = fresh.defaultValue;
        if (field.nodeName === "INPUT") field.defaultChecked = fresh.defaultChecked;
    }
    if (field.type !== "file" && field.value !== value) field.value = value;
    if (checked !== undefined && field.checked !== checked) field.checked = checked;
    return field;
}
