// Brushing of parallel coordinates: a stretch of an axis is dragged over, and only the lines through all such stretches stay.

const axes = (figure) => [...figure.querySelectorAll("[data-axis]")];
/** What is brushed, by figure: from each axis's place to the stretch of it, as parts from its top. */
const brushed = new WeakMap();
let drag = null;

const plot = (figure) => figure.querySelector(":scope > svg");

function place(figure, event) {
    const box = plot(figure).getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const count = axes(figure).length;
    const axis = Math.round(x * (count - 1));
    const isNear = Math.abs(x - axis / (count - 1)) * box.width < 16;
    return { axis, isNear, y: Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)) };
}

function apply(figure) {
    const stretches = brushed.get(figure) ?? new Map();
    const count = axes(figure).length;
    for (const line of figure.querySelectorAll("polyline")) {
        const isIn = [...stretches].every(([axis, [top, bottom]]) => {
            const at = axis / (count - 1) * 1000;
            return [...line.points].some((point) => Math.abs(point.x - at) < 0.2 && point.y / 1000 >= top && point.y / 1000 <= bottom);
        });
        line.classList.toggle("out", !isIn);
    }
    for (const axis of axes(figure)) {
        const stretch = stretches.get(Number(axis.dataset.axis));
        let mark = axis.querySelector("rect");
        if (!stretch) { mark?.remove(); continue; }
        if (!mark) {
            mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
            mark.setAttribute("data-own", "");
            axis.append(mark);
        }
        const x = axis.querySelector("line").getAttribute("x1");
        mark.setAttribute("x", x);
        mark.setAttribute("width", "10");
        mark.setAttribute("transform", "translate(-5 0)");
        mark.setAttribute("y", `${stretch[0] * 100}%`);
        mark.setAttribute("height", `${(stretch[1] - stretch[0]) * 100}%`);
    }
}

document.addEventListener("pointerdown", (event) => {
    const figure = event.target.closest?.("figure.parallel");
    if (!figure || event.button !== 0) return;
    const { axis, isNear, y } = place(figure, event);
    if (!isNear) return;
    event.preventDefault();
    drag = { figure, axis, from: y };
});

document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { y } = place(drag.figure, event);
    const stretches = brushed.get(drag.figure) ?? new Map();
    brushed.set(drag.figure, stretches.set(drag.axis, [Math.min(drag.from, y), Math.max(drag.from, y)]));
    apply(drag.figure);
});

document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { figure, axis, from } = drag;
    drag = null;
    // A click takes the brush of the axis away.
    if (Math.abs(place(figure, event).y - from) < 0.01) brushed.get(figure)?.delete(axis);
    apply(figure);
});

document.addEventListener("martlet:drawn", () => document.querySelectorAll("figure.parallel").forEach(apply));
