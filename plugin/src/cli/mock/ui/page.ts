/**
 * The page of a mock. All that comes from calls and contracts is put into it as text, never as HTML.
 *
 * @param nonce what its script and its style are known by
 */
export function pageText(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>accord mock</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><h1>accord mock</h1><p id="state" role="status">connecting …</p></header>
<main>
<section aria-labelledby="served"><h2 id="served">Served</h2><div id="methods"></div></section>
<section aria-labelledby="came"><h2 id="came">Calls</h2>
<table><thead><tr><th>time</th><th>method</th><th>attempt</th><th>status</th><th>ms</th><th>request, log fields, answer</th></tr></thead>
<tbody id="calls"></tbody></table></section>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 80rem; padding: 0 1rem 2rem; }
h1 { font-size: 1.3rem; margin-bottom: 0; } h2 { font-size: 1.1rem; }
header p { margin-top: 0; opacity: .7; }
details { margin: .2rem 0; } summary { cursor: pointer; }
button { font: inherit; margin: .15rem; padding: .1rem .5rem; cursor: pointer; }
button.fault { opacity: .8; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid #8884; }
td.text { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; white-space: pre-wrap; }
tr[data-status="OK"] td.status { color: #287a3c; } tr:not([data-status="OK"]) td.status { color: #b3421a; }
`;

// Without a library, and without what a browser of the last years doesn't have.
const SCRIPT = `
"use strict";
const MOST_ROWS = 500;
const state = document.getElementById("state");
const rows = new Map();

function element(name, text, attributes) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  return made;
}

async function say(asked) {
  const answer = await fetch("/answers", {
    method: "POST",
    headers: { "content-type": "application/json", "x-accord-mock-page": "1" },
    body: JSON.stringify(asked),
  });
  if (!answer.ok) state.textContent = await answer.text();
}

function button(text, title, kind, asked) {
  const made = element("button", text, { type: "button", title, class: kind });
  made.addEventListener("click", () => say(asked));
  return made;
}

function showContract({ methods, faults, seed }) {
  state.textContent = "seed " + seed;
  document.getElementById("methods").replaceChildren(...methods.map(({ path, errors }) => {
    const details = element("details", undefined, { "data-method": path });
    details.append(element("summary", path));
    details.append(...errors.map((error) => button(error, "The next call fails with it", "error", { method: path, error })));
    details.append(...Object.entries(faults).map(([fault, what]) => button(fault, "The next call " + what, "fault", { method: path, fault })));
    details.append(button("as the contract says", "Forgets what was pressed", "none", { method: path }));
    return details;
  }));
}

function answerText(call) {
  if (call.status === undefined) return "…";
  if (call.status === "OK") return call.responses.join("\\n");
  return [call.code, call.message].filter(Boolean).join(": ");
}

function showCall(call) {
  const row = element("tr", undefined, { "data-status": call.status || "", "data-call": String(call.id) });
  const outcome = [call.status || "running", call.code].filter(Boolean).join(" ");
  const why = call.source === "default" ? "" : " (" + (call.fault || call.source) + ")";
  const fields = Object.entries(call.logFields).map(([key, value]) => key + "=" + value).join(" ");
  row.append(
    element("td", call.at.slice(11, 23)),
    element("td", call.method),
    element("td", String(call.attempt)),
    element("td", outcome + why, { class: "status" }),
    element("td", call.status === undefined ? "" : String(call.durationMs)),
    element("td", ["→ " + call.requests.join("\\n"), fields && "  " + fields, "← " + answerText(call)].filter(Boolean).join("\\n"), { class: "text" }),
  );
  const before = rows.get(call.id);
  rows.set(call.id, row);
  if (before) before.replaceWith(row);
  else document.getElementById("calls").prepend(row);
  const [oldest] = rows.keys();
  if (rows.size > MOST_ROWS) { rows.get(oldest).remove(); rows.delete(oldest); }
}

const events = new EventSource("/events");
events.addEventListener("contract", ({ data }) => showContract(JSON.parse(data)));
events.addEventListener("call", ({ data }) => showCall(JSON.parse(data)));
events.addEventListener("said", ({ data }) => {
  const { method, what } = JSON.parse(data);
  state.textContent = "The next call of " + method + ": " + what;
});
events.addEventListener("error", () => { state.textContent = "the mock isn't there"; });
`;
