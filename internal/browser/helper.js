// What tests do inside the page. It is evaluated, not loaded: the page's own
// content security policy stands.
const tb = {
  visible: (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0,

  words: (e) => (e.innerText || e.value || e.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim(),

  name: (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (typeof e.className === "string" && e.className ? "." + e.className.trim().split(/\s+/).join(".") : ""),

  // spot brings an element into sight and gives a point on it.
  spot(e) {
    e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const r = e.getClientRects()[0];
    const x = r.left + r.width / 2, y = r.top + r.height / 2;
    const top = document.elementFromPoint(x, y);
    const hit = top && (e.contains(top) || top.contains(e) || (e.labels && [...e.labels].some((l) => l.contains(top))) || top.control === e);
    return { X: x, Y: y, Found: true, Covered: hit ? "" : top ? tb.name(top) : "nothing" };
  },

  // action finds a link or button by its words: all of them, its beginning, a part.
  action(scope, words) {
    const scopes = [...document.querySelectorAll(scope)];
    const all = scopes.flatMap((s) => [...s.querySelectorAll("a[href], button, summary, input[type=submit]")]).filter(tb.visible);
    const found = all.find((e) => tb.words(e) === words) || all.find((e) => tb.words(e).startsWith(words)) || all.find((e) => tb.words(e).includes(words));
    return found ? tb.spot(found) : { X: 0, Y: 0, Found: false, Covered: "" };
  },

  first(selector) {
    const found = [...document.querySelectorAll(selector)].find(tb.visible);
    return found ? tb.spot(found) : { X: 0, Y: 0, Found: false, Covered: "" };
  },

  controls() {
    const found = new Map();
    for (const e of document.querySelectorAll("main :is(input, select, textarea)")) {
      if (!e.name || ["hidden", "submit"].includes(e.type) || e.disabled) continue;
      const c = found.get(e.name) || { Name: e.name, Type: e.type, Value: "", Label: e.labels[0] ? tb.words(e.labels[0]) : "", Choices: [] };
      if (e.type === "radio") {
        c.Choices.push(e.value);
        if (e.checked) c.Value = e.value;
      } else if (e.type === "checkbox") {
        c.Choices.push(e.value);
        if (e.checked) c.Value = "yes";
      } else {
        c.Value = e.value;
        if (e.options) c.Choices = [...e.options].map((o) => o.value).filter(Boolean);
      }
      found.set(e.name, c);
    }
    return [...found.values()];
  },

  field(name, value) {
    const none = { X: 0, Y: 0, Found: false, Covered: "" };
    const all = [...document.getElementsByName(name)].filter((e) => e.type !== "hidden");
    const first = all[0];
    if (!first) return none;
    if (first.type === "radio") {
      const chosen = all.find((e) => e.value === value);
      return chosen ? { ...tb.spot(chosen.labels[0] || chosen), How: "press" } : none;
    }
    if (first.type === "checkbox") {
      const box = all.find((e) => e.value === value) || first;
      if (box.checked === (value !== "no")) return { ...none, How: "done" };
      return { ...tb.spot(box.labels[0] || box), How: "press" };
    }
    if (first.options) {
      const option = [...first.options].find((o) => o.value === value) || [...first.options].find((o) => o.text.includes(value));
      if (!option) return none;
      first.value = option.value;
      first.dispatchEvent(new Event("change", { bubbles: true }));
      return { ...none, How: "done" };
    }
    return { ...tb.spot(first), How: "type" };
  },

  selected(name) {
    const e = [...document.getElementsByName(name)].find((f) => f.type !== "hidden");
    e.select();
    return document.activeElement === e;
  },

  // look gathers what the house rules are about.
  look() {
    const wide = document.documentElement.clientWidth;
    const over = [];
    if (document.documentElement.scrollWidth > wide) {
      for (const e of document.body.querySelectorAll("*")) {
        const r = e.getBoundingClientRect();
        if (r.width > 0 && r.right > wide + 1 && !tb.clipped(e)) over.push(tb.name(e) + " to " + Math.round(r.right));
      }
    }
    const main = [...document.querySelectorAll("main .tb-button")].filter((e) => tb.visible(e) && !/tb-button--(secondary|warning)/.test(e.className));
    const small = [...document.querySelectorAll(".tb-button, main :is(input:not([type=hidden]), select, textarea), summary")].filter(tb.visible)
      .filter((e) => {
        const box = ["radio", "checkbox"].includes(e.type) && e.labels[0] ? e.labels[0] : e;
        return box.getBoundingClientRect().height < 40;
      }).map((e) => tb.name(e) + " " + Math.round(e.getBoundingClientRect().height));
    return {
      Lang: document.documentElement.lang,
      Title: document.title,
      Headings: [...document.querySelectorAll("h1")].filter(tb.visible).map(tb.words),
      Over: over.slice(0, 6).concat(document.documentElement.scrollWidth > wide ? [document.documentElement.scrollWidth + " > " + wide] : []),
      Main: main.map(tb.words),
      Order: [...document.querySelectorAll("[tabindex]")].filter((e) => e.tabIndex > 0).map(tb.name),
      Small: small.slice(0, 6),
      Keys: (document.body.innerText.match(/\b(ui|portal|desk|demo|casework|form|outreach)\.[a-z][\w.]*[a-z]\b|%!|(?<![/\w])\{[a-z]+\}|<nil>|0001-01-01|\bNaN\b|\bundefined\b/g) || []).slice(0, 6),
      Elder: document.documentElement.classList.contains("elder"),
    };
  },

  // clipped reports whether an ancestor scrolls or hides what sticks out.
  clipped(e) {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (/(auto|scroll|hidden|clip)/.test(getComputedStyle(p).overflowX)) return true;
    }
    return false;
  },

  // han are the texts with Chinese characters that are not marked as such, for
  // those who listen to the page.
  han() {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const e = walk.currentNode.parentElement;
      if (!/\p{Script=Han}/u.test(walk.currentNode.data) || !tb.visible(e) || e.closest("[aria-hidden=true]") || /^zh/.test(e.closest("[lang]").lang)) continue;
      found.push(tb.name(e) + ": " + walk.currentNode.data.trim().slice(0, 60));
    }
    return found.slice(0, 8);
  },

  // unfocused are the links and fields on which the focus cannot be seen.
  unfocused() {
    const looks = (e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderColor].join(); };
    const found = [];
    for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
      if (!tb.visible(e)) continue;
      const label = e.labels && e.labels[0];
      const parent = e.parentElement;
      const before = looks(e) + looks(parent) + (label ? looks(label) + getComputedStyle(label, "::before").boxShadow : "");
      e.focus({ preventScroll: true, focusVisible: true });
      const after = looks(e) + looks(parent) + (label ? looks(label) + getComputedStyle(label, "::before").boxShadow : "");
      if (before === after) found.push(tb.name(e) + " " + tb.words(e).slice(0, 20));
      e.blur();
    }
    return found.slice(0, 8);
  },
};
