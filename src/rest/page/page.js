// The live figures are differences between two readings of /metrics; the playground uses the guard's own interface.

const SAMPLE =
  "Hi, I am Jane Doe. Write to jane.doe@example.org or call +1 415 555 0132; my card is 4111 1111 1111 1111.";
const SECOND = 1000;
const KEPT = 120;

const by = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// ---- Live ----

/** The samples of Prometheus' text format: `[{name, labels, value}]`. */
function samples(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const parts = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!parts) continue;
    const labels = {};
    for (const [, key, value] of (parts[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[key] = value;
    found.push({ name: parts[1], labels, value: Number(parts[3]) });
  }
  return found;
}

/** What was read at one time, and what to compute from it. */
class Reading {
  constructor(text) {
    this.at = performance.now();
    this.samples = samples(text);
  }

  sum(name, wanted = () => true) {
    return this.samples.filter((s) => s.name === `prompt_guard_${name}` && wanted(s.labels)).reduce((sum, s) => sum + s.value, 0);
  }

  byLabel(name, label) {
    const sums = new Map();
    for (const s of this.samples)
      if (s.name === `prompt_guard_${name}`) sums.set(s.labels[label], (sums.get(s.labels[label]) ?? 0) + s.value);
    return sums;
  }

  buckets(name) {
    return this.byLabel(`${name}_bucket`, "le");
  }
}

/** Quantiles of what a histogram got between two readings, in seconds, by linear interpolation; null if it got nothing. */
function quantiles(before, now, name, shares) {
  const earlier = before.buckets(name);
  const counts = [...now.buckets(name)]
    .map(([bound, count]) => [bound === "+Inf" ? Infinity : Number(bound), count - (earlier.get(bound) ?? 0)])
    .sort((a, b) => a[0] - b[0]);
  const all = counts.at(-1)?.[1] ?? 0;
  if (!all) return null;
  return shares.map((share) => {
    let [low, below] = [0, 0];
    for (const [bound, count] of counts) {
      if (count >= share * all) {
        if (bound === Infinity) return low;
        return low + ((bound - low) * (share * all - below)) / Math.max(count - below, 1);
      }
      [low, below] = [bound, count];
    }
    return low;
  });
}

const duration = (s) => (s < 0.001 ? `${Math.round(s * 1e6)} µs` : s < 1 ? `${(s * 1e3).toFixed(s < 0.01 ? 1 : 0)} ms` : `${s.toFixed(1)} s`);
const rate = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));

const rates = [];

function showLive(before, now) {
  const seconds = (now.at - before.at) / SECOND;
  const per = (name, wanted) => (now.sum(name, wanted) - before.sum(name, wanted)) / seconds;
  const calls = per("calls_total");
  by("calls").textContent = rate(calls);
  const latency = quantiles(before, now, "call_duration_seconds", [0.5, 0.95, 0.99]);
  by("latency").textContent = latency ? latency.map(duration).join(" / ") : "–";
  const added = quantiles(before, now, "redact_duration_seconds", [0.95]);
  by("added").textContent = added ? duration(added[0]) : "–";
  by("active").textContent = now.sum("active_calls");
  by("streams").textContent = now.sum("active_streams");
  const hits = now.sum("cache_lookups_total", (l) => l.outcome === "hit");
  const looked = hits + now.sum("cache_lookups_total", (l) => l.outcome === "miss");
  by("cache").textContent = looked ? `${Math.round((100 * hits) / looked)} %` : "–";
  by("limited").textContent = `${rate(per("rate_limit_decisions_total", (l) => l.outcome === "limited"))} /s`;
  by("failed").textContent = `${rate(per("calls_total", (l) => l.outcome !== "ok" && l.outcome !== "cancelled"))} /s`;
  rates.push(calls);
  if (rates.length > KEPT) rates.shift();
  drawRates();
  showTypes(now.byLabel("findings_total", "entity_type"));
}

function drawRates() {
  const peak = Math.max(...rates);
  const step = 240 / (KEPT - 1);
  const left = KEPT - rates.length;
  const point = (value, nth) => `${((left + nth) * step).toFixed(1)},${(46 - (44 * value) / Math.max(peak, 1)).toFixed(1)}`;
  by("rate-line").firstElementChild.setAttribute("points", rates.map(point).join(" "));
  by("rate-peak").textContent = rate(peak);
}

function showTypes(counts) {
  const sorted = [...counts].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]).slice(0, 12);
  if (!sorted.length) return;
  by("types").replaceChildren(
    ...sorted.map(([type, n]) => {
      const line = element("li");
      const meter = element("meter");
      meter.max = sorted[0][1];
      meter.value = n;
      meter.setAttribute("aria-hidden", "true");
      line.append(element("span", type), meter, element("span", n.toLocaleString("en")));
      return line;
    }),
  );
}

let last = null;

async function look() {
  if (document.hidden) {
    last = null;
    return;
  }
  try {
    const answer = await fetch("metrics", { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const now = new Reading(await answer.text());
    if (last) showLive(last, now);
    last = now;
    showState("connected", false);
  } catch {
    last = null;
    showState("no answer from the guard", true);
  }
}

function showState(text, bad) {
  const state = by("state");
  if (state.textContent === text) return;
  state.textContent = text;
  state.classList.toggle("bad", bad);
}

// ---- Playground ----

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error?.message ?? `status ${answer.status}`);
  return said;
}

/** The colour of a type: the same type always has the same one. */
function colour(type) {
  let sum = 0;
  for (const letter of type) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return `m${sum % 6}`;
}

/** Shows `text` with the findings marked; offsets are UTF-16 units, as in strings here. */
function mark(target, text, findings, start, end) {
  const parts = [];
  let at = 0;
  for (const finding of findings) {
    const marked = element("mark", text.slice(finding[start], finding[end]), colour(finding.entity_type));
    marked.append(element("small", finding.entity_type));
    parts.push(text.slice(at, finding[start]), marked);
    at = finding[end];
  }
  target.replaceChildren(...parts, text.slice(at));
}

function showFindings(findings) {
  const line = (f) => {
    const row = element("tr");
    row.append(element("td", f.entity_type), element("td", f.score.toFixed(2)), element("td", f.recognizer), element("td", f.operator));
    return row;
  };
  by("findings").hidden = !findings.length;
  by("findings").tBodies[0].replaceChildren(...findings.map(line));
}

async function examine() {
  const text = by("prompt").value;
  by("fault").textContent = "";
  by("answer").textContent = "";
  try {
    const body = { texts: [text], policy: by("policy").value, offsets: "OFFSET_UNIT_UTF16_UNITS" };
    const [result] = (await post("guard/v1/redact", body)).results;
    mark(by("marked"), text, result.findings, "start", "end");
    showFindings(result.findings);
    if (result.verdict === "VERDICT_BLOCK") {
      by("sent").textContent = "Nothing: the policy blocks this prompt.";
    } else {
      mark(by("sent"), result.text, result.findings, "redacted_start", "redacted_end");
    }
    by("ask").disabled = false;
  } catch (error) {
    by("fault").textContent = error.message;
  }
}

async function ask() {
  const answer = by("answer");
  answer.textContent = "";
  by("fault").textContent = "";
  by("ask").disabled = true;
  const headers = { "content-type": "application/json", "x-guard-policy": by("policy").value };
  if (by("key").value) headers.authorization = `Bearer ${by("key").value}`;
  const messages = [{ role: "user", content: by("prompt").value }];
  try {
    const response = await fetch("v1/chat/completions", {
      method: "POST",
      headers,
      body: JSON.stringify({ model: by("model").value, messages, stream: true }),
    });
    if (response.status === 404) throw new Error("This listener takes no calls; the model is asked through the one that does.");
    if (!response.ok) throw new Error((await response.json()).error?.message ?? `status ${response.status}`);
    for await (const event of events(response.body)) {
      if (event.error) throw new Error(event.error.message);
      answer.append(event.choices?.[0]?.delta?.content ?? "");
    }
  } catch (error) {
    by("fault").textContent = error.message;
  } finally {
    by("ask").disabled = false;
  }
}

/** The JSON of each event of a stream. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data: {")) yield JSON.parse(line.slice(6));
  }
}

async function start() {
  by("prompt").value = SAMPLE;
  by("form").addEventListener("submit", (event) => {
    event.preventDefault();
    examine();
  });
  by("policy").addEventListener("change", examine);
  by("question").addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  setInterval(look, SECOND);
  look();
  try {
    const { policies } = await (await fetch("guard/v1/policies")).json();
    const options = policies.map((p) => {
      const option = element("option", p.name);
      option.selected = p.is_default;
      option.title = p.description;
      return option;
    });
    by("policy").replaceChildren(...options);
    await examine();
  } catch (error) {
    by("fault").textContent = error.message;
  }
}

start();
