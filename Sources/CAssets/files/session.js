// Says when nobody is signed in any more, and lets the page go on when somebody is: signing in happens in another tab, so that
// nothing that was typed here is lost.

const main = document.querySelector("main");
const channel = new BroadcastChannel("martlet-session");

/** Notes an answer of the server, and gives it back. */
export function seen(answer) {
    if (answer.status === 401) say();
    return answer;
}

/** Whether somebody is signed in, as far as the server can be asked: it is not waited for long. */
export async function isSignedIn() {
    return seen(await fetch("/api/v1/server", { signal: AbortSignal.timeout(5000) })).status !== 401;
}

function say() {
    if (document.getElementById("signed-out")) return;
    const link = document.createElement("a");
    link.href = `/sign-in?from=${encodeURIComponent("/signed-in")}`;
    link.target = "_blank";
    // The tab may close itself when it is done.
    link.rel = "opener";
    link.textContent = "Sign in again";
    const notice = document.createElement("div");
    notice.id = "signed-out";
    notice.setAttribute("role", "alert");
    notice.append("You are signed out: the token is not valid any more. What you have typed stays here. ", link);
    main.before(notice);
}

async function goOn() {
    if (!document.getElementById("signed-out") || !(await isSignedIn())) return;
    document.getElementById("signed-out")?.remove();
    document.dispatchEvent(new CustomEvent("martlet:signed-in"));
}

channel.addEventListener("message", goOn);
document.addEventListener("visibilitychange", () => document.hidden || goOn().catch(() => {}));

if (location.pathname === "/signed-in") {
    channel.postMessage("signed in");
    if (opener) close();
}

/** The forms that wait for an answer, and the one that has it. */
const asking = new WeakSet();
let allowed = null;

// A form that changes something leaves the page, and with it what was typed: it is sent when it will be taken, and once.
document.addEventListener("submit", async (event) => {
    const form = event.target;
    const asks = form.getAttribute("method") === "post" && form.getAttribute("action") !== "/sign-in";
    if (event.defaultPrevented || !asks || form === allowed) return;
    event.preventDefault();
    if (asking.has(form)) return;
    asking.add(form);
    // What keeps it from asking is for the form to find out.
    const isIn = await isSignedIn().catch(() => true);
    asking.delete(form);
    if (!isIn) return;
    allowed = form;
    form.requestSubmit(event.submitter ?? undefined);
    allowed = null;
});
